// A fault has one lifecycle: can it happen here, make it happen, put it right again.
import type { Engine } from "../engine/engine.ts";

export interface FaultContext {
  readonly engine: Engine;
}

/** What a fault really did; one line of faults.jsonl. `fired: false` makes the scenario inconclusive. */
export interface FaultRecord {
  readonly fault: string;
  readonly fired: boolean;
  readonly detail: Readonly<Record<string, unknown>>;
}

export interface Fault {
  readonly name: string;
  /** Undefined when it can be injected here, else one sentence that says why not. */
  available(context: FaultContext): string | undefined;
  inject(context: FaultContext): Promise<FaultRecord>;
  recover(context: FaultContext): Promise<void>;
}
