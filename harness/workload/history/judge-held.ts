// Compares what an application acknowledged with what its graphs hold, before any backup: what the source never held, no
// backup can bring back. Pure.
import type { Judgement } from "../../check/check.ts";
import { type WriteRef, writesOf } from "./expected-writes.ts";
import type { WriteRecord } from "./history.ts";

export interface HeldJudgement extends Judgement {
  /** Acknowledged writes that are not there, in the order of their acknowledgements. */
  readonly missing: readonly WriteRef[];
}

/** `present`: uuids of the episodes that the source holds; `history` ends before they were read. */
export function judgeHeld(history: readonly WriteRecord[], present: ReadonlySet<string>): HeldJudgement {
  const acknowledged = writesOf(history).filter(({ outcome }) => outcome === "ok");
  const missing = acknowledged
    .filter(({ uuid }) => !present.has(uuid))
    .toSorted((a, b) => a.completedMs - b.completedMs);
  const witnesses = { acknowledgedHeld: acknowledged.length - missing.length };
  const [first] = missing;
  if (first === undefined) return { findings: [], witnesses, missing };
  const finding = {
    code: "acknowledged-not-stored",
    severity: "error",
    subject: `${first.graph}/${first.uuid}`,
    message:
      `write ${first.sequence} of ${first.writer} was acknowledged, and the source did not hold it before the backup; ` +
      `so it is with ${missing.length} of ${acknowledged.length} acknowledged writes`,
    evidence: { write: first, count: missing.length, acknowledged: acknowledged.length },
    hint: "The application says that it has stored what it only accepted: look at its log, and at TIMEOUT of its server.",
  } as const;
  return { findings: [finding], witnesses, missing };
}
