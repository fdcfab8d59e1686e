// Which scenarios must have been run, at which size, with how many seeds.
import { z } from "zod";
import type { GateEvidence } from "../evidence.ts";
import type { RuleResult, Rule } from "../rule.ts";
import { describeWhere, listOf, select, type Selected, type Where, where } from "../values.ts";

export interface CoverageSection extends Where {
  readonly seeds?: number | undefined;
}

export const coverage: Rule<readonly CoverageSection[]> = {
  about: "scenarios that must have run and passed",
  schema: listOf(
    z.strictObject({
      ...where,
      seeds: z.int().positive().optional().describe("with at least so many different seeds (default: 1)"),
    }),
  ),
  judge: (sections, evidence) => sections.flatMap((section) => judgeSection(section, evidence)),
};

function judgeSection(section: CoverageSection, evidence: GateEvidence): RuleResult[] {
  return select(evidence, section).map((selected) => judgePattern(section, selected));
}

function judgePattern(section: CoverageSection, { pattern, samples }: Selected): RuleResult {
  const base = { rule: "coverage", scenario: describeWhere(pattern, section), samples: samples.length };
  const wanted = section.seeds ?? 1;
  if (samples.length === 0) return { ...base, status: "unknown", exit: "inconclusive", message: "was not run" };
  const bad = samples.find(({ result }) => result.verdict !== "pass");
  if (bad !== undefined) {
    const message = `${bad.result.id} ended as ${bad.result.verdict}`;
    const failed = bad.result.verdict === "fail";
    const exit = failed ? bad.result.exit : "inconclusive";
    return { ...base, status: failed ? "missed" : "unknown", exit, message, run: bad.run.name };
  }
  // The replay command names the seed of each result, which run.json knows of the first one only.
  const seeds = new Set(samples.map(({ run, result }) => /@(\d+)$/.exec(result.id)?.[1] ?? String(run.seed)));
  const asked = wanted === 1 ? {} : { value: `${seeds.size} seeds`, objective: `at least ${wanted} seeds` };
  if (seeds.size < wanted)
    return { ...base, ...asked, status: "unknown", exit: "inconclusive", message: "too few seeds" };
  const run = samples.map((sample) => sample.run.name).at(-1);
  const message = `passed ${samples.length} of ${samples.length}`;
  return { ...base, status: "met", exit: "pass", message, ...asked, ...(run === undefined ? {} : { run }) };
}
