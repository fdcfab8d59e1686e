// Proves that a missing pause is noticed: a full cycle in which the pause is answered and holds nobody, under writers
// that go as fast as they can. The scenario passes when the episodes that the cut tore are named.
import { cycle } from "./cycle.ts";
import type { CyclePlan } from "./cycle-plan.ts";
import { ScenarioRecord } from "./record.ts";
import type { Drill } from "./run-scenario.ts";

export async function provesTearing(drill: Drill, plan: CyclePlan): Promise<void> {
  // What the judges find belongs to the experiment; what becomes of it is judged here, and `verify` keeps that.
  const inner = new ScenarioRecord(`${drill.id}~torn`, drill.directory);
  const broken: CyclePlan = { ...plan, coordination: "removed", rawLimits: false, writerRate: "flat-out" };
  await cycle({ ...drill, id: inner.id, record: inner }, broken);
  const { findings, ...measured } = inner.result();
  drill.record.adopt(measured);
  const errors = findings.filter(({ severity }) => severity === "error");
  const torn = errors.filter(({ code }) => code === "write-torn");
  drill.record.witness("episodesTorn", torn.length);
  for (const { subject, message, evidence } of torn)
    drill.record.finding({ code: "episode-torn-as-intended", severity: "info", subject, message, evidence });
  if (torn.length === 0)
    drill.record.assumption(
      "nothing-torn",
      "the cut happened to fall between two episodes, so nothing was there to see",
    );
  // The rest of a graph that holds a torn episode differs as well, since a part of an episode is not what was expected.
  const tornGraphs = new Set(torn.map(({ subject }) => subject.split("/")[0]));
  // "Others" stands for more findings of one code than are listed.
  if (torn.length > 0) tornGraphs.add("others");
  for (const finding of errors) {
    if (finding.code === "write-torn" || (isContent(finding.code) && tornGraphs.has(finding.subject.split("/")[0])))
      continue;
    drill.record.finding({ ...finding, judgement: undefined });
  }
}

function isContent(code: string): boolean {
  return !["write-", "assumption-", "no-witness"].some((other) => code.startsWith(other));
}
