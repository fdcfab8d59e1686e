// Proves that a missing pause is noticed: a full cycle in which the pause is answered and holds nobody, under writers
// that go as fast as they can. The scenario passes when that inner drill fails, and names the episodes that the cut tore.
import { cycle } from "../cycle.ts";
import type { CyclePlan } from "../cycle-plan.ts";
import type { Drill } from "../drill.ts";
import { ScenarioRecord } from "../../record/record.ts";
import { judgeScenario } from "../../record/result.ts";

export async function provesTearing(drill: Drill, plan: CyclePlan): Promise<void> {
  // What the judges find belongs to the experiment; what becomes of it is judged here, and `verify` keeps that.
  const inner = new ScenarioRecord(`${drill.id}~torn`, drill.directory);
  const broken: CyclePlan = { ...plan, coordination: "removed", writerProfile: { kind: "flat-out" } };
  await cycle({ ...drill, id: inner.id, record: inner }, broken);
  const { findings, ...measured } = inner.result();
  drill.record.adopt(measured);
  const { verdict } = judgeScenario(findings);
  const torn = findings.filter(({ code }) => code === "write-torn");
  drill.record.witness("episodesTorn", torn.length);
  if (torn.length === 0)
    drill.record.assumption(
      "nothing-torn",
      "the cut happened to fall between two episodes, so nothing was there to see",
    );
  else if (verdict !== "fail") {
    const message = `${torn.length} episodes are torn, and the drill without a pause came out as ${verdict}`;
    drill.record.finding({ code: "tearing-missed", severity: "error", subject: drill.id, message, evidence: {} });
  }
  for (const { subject, message, evidence } of torn)
    drill.record.finding({ code: "episode-torn-as-intended", severity: "info", subject, message, evidence });
  // The torn episodes are known to the last property, so whatever else differs is not due to them.
  for (const finding of findings)
    if (finding.severity === "error" && !expected.has(finding.code))
      drill.record.finding({ ...finding, judgement: undefined });
}

/** What a pause that holds nobody leads to. */
const expected: ReadonlySet<string> = new Set(["write-torn", "pause-missing", "write-let-through-pause"]);
