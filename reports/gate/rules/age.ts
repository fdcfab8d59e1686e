// How old a run may be to count: each that is given, not only the newest.
import { z } from "zod";
import { formatDuration } from "../../../harness/base/units.ts";
import type { GateEvidence, RunEvidence } from "../evidence.ts";
import type { RuleResult, Rule } from "../rule.ts";
import { durationMs, durationText } from "../values.ts";

export interface AgeSection {
  readonly atMost: string;
}

export const age: Rule<AgeSection> = {
  about: "how long ago each run may have begun",
  schema: z.strictObject({ atMost: durationText }),
  judge: ({ atMost }, { runs, nowMs }) => runs.map((run) => judgeRun(atMost, run, nowMs)),
};

function judgeRun(
  atMost: string,
  { name, startedAtMs, replay }: RunEvidence,
  nowMs: GateEvidence["nowMs"],
): RuleResult {
  const ageMs = nowMs - startedAtMs;
  const limitMs = durationMs(atMost);
  const base = { rule: "age", run: name, objective: `at most ${atMost}`, replay } as const;
  if (ageMs < 0) {
    const message = "its start lies in the future: check the clocks";
    return { ...base, status: "unknown", exit: "inconclusive", message };
  }
  const value = formatDuration(ageMs);
  const margin = limitMs === 0 ? -ageMs : Math.round(((limitMs - ageMs) / limitMs) * 1000) / 1000;
  if (ageMs <= limitMs) return { ...base, status: "met", exit: "pass", message: "", value, margin };
  return { ...base, status: "missed", exit: "objectiveMissed", message: "the run is too old", value, margin };
}
