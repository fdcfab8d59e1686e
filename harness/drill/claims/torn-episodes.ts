// Proves that a missing pause is noticed: a full cycle whose pause is acknowledged but holds no writer, with writers at
// full speed. The scenario passes if that inner drill fails and names the episodes torn by the cut.
import { cycle } from "../cycle.ts";
import type { CyclePlan } from "../cycle-plan.ts";
import type { Drill } from "../drill.ts";
import { ScenarioRecord } from "../../record/record.ts";
import { judgeScenario } from "../../record/result.ts";

export async function provesTearing(drill: Drill, plan: CyclePlan): Promise<void> {
  // The judges' findings belong to the inner drill; what follows from them is judged here, and kept by `verify`.
  const inner = new ScenarioRecord(`${drill.id}~torn`, drill.directory);
  const broken: CyclePlan = { ...plan, coordination: "removed", writerProfile: { kind: "flat-out" } };
  await cycle({ ...drill, id: inner.id, record: inner }, broken);
  const { findings, ...measured } = inner.result();
  drill.record.adopt(measured);
  drill.record.requireWitnesses("canariesCaught");
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
  // The torn episodes are known to the last property, so they do not explain any other difference.
  for (const finding of findings)
    if (finding.severity === "error" && !expected.has(finding.code))
      drill.record.finding({ ...finding, judgement: undefined });
}

/** Finding codes that a pause holding no writer leads to. */
const expected: ReadonlySet<string> = new Set(["write-torn", "pause-missing", "write-let-through-pause"]);
