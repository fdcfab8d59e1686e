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
  // What stands open at a cut that nobody was held for: an episode in part, and whatever follows from the part.
  const others = errors.filter(({ code, subject }) => !follows(code) || !subject.includes("drill-writers"));
  for (const finding of others) drill.record.finding({ ...finding, code: `not-torn-${finding.code}` });
}

const expectedCodes = [
  "write-torn",
  "write-lost",
  "write-beyond-cut",
  "node-",
  "edge-",
  "invariant-",
  "index-",
  "search-",
];

function follows(code: string): boolean {
  return expectedCodes.some((expected) => code.startsWith(expected));
}
