// What a proof of a backup may say of the backup itself: that its data differs, that a hash or a signature is wrong, that
// an engine refuses its snapshot or dies of it. The list is closed: whatever else goes wrong (a full disk, no memory, a key
// that is not here, a fault of this program) means that the proof was not carried out, and is remembered nowhere.
import { DrillError, errorsOf } from "../../base/errors.ts";
import type { Phase } from "../../base/phases.ts";

export interface VerifyResult {
  readonly ok: boolean;
  /** Where it is not `ok`: what came back is wrong, or nothing came back at all. */
  readonly failure?: "dataWrong" | "notRecovered";
  /** What was looked at, one sentence, where the system says so. */
  readonly looked?: string;
  /** What else is to be said, such as that an older record was replaced. */
  readonly notes?: readonly string[];
  /** Plain sentences, one a problem. */
  readonly problems: readonly string[];
  readonly phases: readonly Phase[];
}

/** The code of a snapshot that an engine refuses or dies of. */
export const dumpUnloadable = "dump-unloadable";

export type ProofFailure = "dataWrong" | "notRecovered";

/** How a backup is faulty of which this was thrown; undefined where it says nothing of the backup. */
export function proofFailure(thrown: unknown): ProofFailure | undefined {
  const [error] = errorsOf(thrown);
  if (!(error instanceof DrillError)) return undefined;
  // Not a difference: what cannot be repeated was named when the chain was written.
  if (error.findingCode === "replay-unrepeatable") return undefined;
  if (error.exit === "dataWrong") return "dataWrong";
  return error.findingCode === dumpUnloadable ? "notRecovered" : undefined;
}
