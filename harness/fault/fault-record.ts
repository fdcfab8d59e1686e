/** What a fault really did; one line of faults.jsonl. */
export interface FaultRecord {
  readonly fault: string;
  readonly fired: boolean;
  readonly detail: Readonly<Record<string, unknown>>;
}
