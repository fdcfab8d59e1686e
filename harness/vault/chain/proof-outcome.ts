// What a proof may say about the backup itself: that its data differs, that a hash or a signature is wrong, that an
// engine refuses its snapshot or crashes while loading it. The list is closed: any other failure (a full disk, no
// memory, a missing key, a bug in this program) means that the proof was not carried out, and is not recorded.
import { DrillError, errorsOf } from "../../base/errors.ts";
import type { Phase } from "../../base/phases.ts";

export interface VerifyResult {
  readonly ok: boolean;
  /** Set where it is not `ok`: the restored data is wrong, or nothing was restored at all. */
  readonly failure?: "dataWrong" | "notRecovered";
  /** What was checked, as one sentence, if the system reports it. */
  readonly looked?: string;
  /** Further notes, such as that an older record was replaced. */
  readonly notes?: readonly string[];
  /** Set where the vault could not be written to. */
  readonly isUnrecorded?: boolean;
  /** One sentence for each problem. */
  readonly problems: readonly string[];
  readonly phases: readonly Phase[];
}

/** Finding code of a snapshot that an engine refuses, or crashes while loading. */
export const dumpUnloadable = "dump-unloadable";

export type ProofFailure = "dataWrong" | "notRecovered";

/** How the backup that threw this error is faulty; undefined where the error says nothing about the backup. */
export function proofFailure(thrown: unknown): ProofFailure | undefined {
  const [error] = errorsOf(thrown);
  if (!(error instanceof DrillError)) return undefined;
  // Not a difference: what cannot be repeated was recorded when the chain was written.
  if (error.findingCode === "replay-unrepeatable") return undefined;
  if (error.exit === "dataWrong") return "dataWrong";
  return error.findingCode === dumpUnloadable ? "notRecovered" : undefined;
}
