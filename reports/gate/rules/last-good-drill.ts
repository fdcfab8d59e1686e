// How long ago the last drill that passed may be: a backup that was not restored lately is unproven.
import { z } from "zod";
import { formatDuration } from "../../../harness/base/units.ts";
import type { GateEvidence } from "../evidence.ts";
import type { RuleResult, Rule } from "../rule.ts";
import {
  describeWhere,
  durationMs,
  durationText,
  listOf,
  select,
  type Selected,
  type Where,
  where,
} from "../values.ts";

export interface LastGoodDrillSection extends Where {
  readonly maxAge: string;
}

export const lastGoodDrill: Rule<readonly LastGoodDrillSection[]> = {
  about: "age of the last drill that passed",
  schema: listOf(z.strictObject({ ...where, maxAge: durationText })),
  judge: (sections, evidence) =>
    sections.flatMap((section) =>
      select(evidence, section).map((selected) => judgeAge(section, selected, evidence.nowMs)),
    ),
};

function judgeAge(section: LastGoodDrillSection, selected: Selected, nowMs: GateEvidence["nowMs"]): RuleResult {
  const scenario = describeWhere(selected.pattern, section);
  const base = { rule: "lastGoodDrill", scenario, metric: "age", objective: `at most ${section.maxAge}` };
  const good = selected.samples.filter(({ result }) => result.verdict === "pass");
  const newest = good.toSorted((a, b) => b.run.startedAtMs - a.run.startedAtMs)[0];
  if (newest === undefined)
    return { ...base, status: "unknown", exit: "inconclusive", message: "no drill of these passed" };
  const ageMs = nowMs - newest.run.startedAtMs;
  const limitMs = durationMs(section.maxAge);
  const seen = { ...base, run: newest.run.name, value: formatDuration(Math.max(0, ageMs)), samples: good.length };
  if (ageMs < 0)
    return {
      ...seen,
      status: "unknown",
      exit: "inconclusive",
      message: "its start lies in the future: check the clocks",
    };
  const margin = Math.round(((limitMs - ageMs) / limitMs) * 1000) / 1000;
  if (ageMs <= limitMs) return { ...seen, status: "met", exit: "pass", message: "", margin };
  return { ...seen, status: "missed", exit: "objectiveMissed", message: "too long ago", margin };
}
