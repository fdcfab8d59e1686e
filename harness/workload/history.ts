// One line of history a write: what was asked, when, and how it ended. The judge of what a restore must hold.

export type WriteOutcome = "ok" | "refused" | "failed" | "unknown";

export interface WriteRecord {
  readonly writer: string;
  /** Counts up from 0 within the writer. */
  readonly sequence: number;
  readonly kind: string;
  /** Milliseconds of one monotonic clock that all writers of a drill share. */
  readonly invokedMs: number;
  readonly completedMs: number;
  readonly outcome: WriteOutcome;
  /** What identifies the write in the graph: the group (graph) and the uuid of its episode. */
  readonly graph: string;
  readonly uuid: string;
}
