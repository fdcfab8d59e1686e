// A fault has one lifecycle: check whether it can be injected, inject it, undo it.
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
  /** Returns undefined if it can be injected here, else one sentence that says why not. */
  available(context: FaultContext): string | undefined;
  inject(context: FaultContext): Promise<FaultRecord>;
  recover(context: FaultContext): Promise<void>;
}
