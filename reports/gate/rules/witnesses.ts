// How much a result must have looked at before its pass counts.
import { z } from "zod";
import type { GateEvidence, Sample } from "../evidence.ts";
import type { RuleResult, Rule } from "../rule.ts";
import { describeWhere, listOf, recordOf, select, type Selected, type Where, where } from "../values.ts";

export interface WitnessSection extends Where {
  readonly atLeast: Readonly<Record<string, number>>;
}

export const witnesses: Rule<readonly WitnessSection[]> = {
  about: "how much must have been looked at",
  schema: listOf(
    z.strictObject({
      ...where,
      atLeast: recordOf(z.int().positive()).describe("witnesses of result.json by their names"),
    }),
  ),
  judge: (sections, evidence) => sections.flatMap((section) => judgeSection(section, evidence)),
};

function judgeSection(section: WitnessSection, evidence: GateEvidence): RuleResult[] {
  return select(evidence, section).flatMap((selected) =>
    Object.entries(section.atLeast).map(([name, least]) => judgeWitness(section, selected, name, least)),
  );
}

function judgeWitness(section: WitnessSection, selected: Selected, name: string, least: number): RuleResult {
  const { pattern, samples } = selected;
  const seen = ({ result }: Sample): number => result.witnesses[name] ?? 0;
  const [fewest] = samples.toSorted((a, b) => seen(a) - seen(b));
  const base = { rule: "witnesses", metric: name, objective: `at least ${least}`, samples: samples.length };
  if (fewest === undefined) {
    const scenario = describeWhere(pattern, section);
    return { ...base, status: "unknown", exit: "inconclusive", message: "no result to judge it by", scenario };
  }
  const enough = seen(fewest) >= least;
  return {
    ...base,
    status: enough ? "met" : "unknown",
    exit: enough ? "pass" : "inconclusive",
    message: enough ? "" : "too little was looked at for this pass to mean anything",
    run: fewest.run.name,
    scenario: fewest.result.id,
    value: String(seen(fewest)),
    margin: Math.round(((seen(fewest) - least) / least) * 1000) / 1000,
    replay: fewest.result.replay,
  };
}
