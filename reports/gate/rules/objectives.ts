// RTO, RPO, pause, storage, and any other metric: each must hold in every result, and the worst is shown.
import { z } from "zod";
import type { GateEvidence, Sample } from "../evidence.ts";
import type { RuleResult, Rule } from "../rule.ts";
import {
  countText,
  describeWhere,
  durationText,
  listOf,
  percentText,
  recordOf,
  select,
  type Selected,
  where,
} from "../values.ts";
import { type Limit, limitsOf, type ObjectiveSection } from "./limits.ts";

const bound = z
  .strictObject({ atMost: z.number().optional(), atLeast: z.number().optional() })
  .refine(({ atMost, atLeast }) => (atMost === undefined) !== (atLeast === undefined), {
    error: "expected one of atMost and atLeast",
  });

const limited = ["rto", "rpoWrites", "rpoSpan", "writePause", "storageSaving", "metrics"] as const;

export const objectives: Rule<readonly ObjectiveSection[]> = {
  about: "what recovery may take and lose",
  schema: listOf(
    z
      .strictObject({
        ...where,
        rto: durationText.optional().describe("from the disaster to the first correct answer, at most"),
        rpoWrites: countText.optional().describe("acknowledged writes lost, at most"),
        rpoSpan: durationText.optional().describe("time whose acknowledged writes are lost, at most"),
        writePause: durationText.optional().describe("the longest that a writer was held, at most"),
        storageSaving: percentText.optional().describe("of the engine's own dump, at least"),
        metrics: recordOf(bound).optional().describe("any metric of result.json by its name"),
      })
      .refine((section) => limited.some((name) => section[name] !== undefined), {
        error: `it names no objective; give at least one of ${limited.join(", ")}`,
      }),
  ),
  judge: (sections, evidence) => sections.flatMap((section) => judgeSection(section, evidence)),
};

function judgeSection(section: ObjectiveSection, evidence: GateEvidence): RuleResult[] {
  return select(evidence, section).flatMap((selected) =>
    limitsOf(section).map((limit) => judgeLimit(section, selected, limit)),
  );
}

function judgeLimit(section: ObjectiveSection, { pattern, samples }: Selected, limit: Limit): RuleResult {
  const { name, objective } = limit;
  const scenario = describeWhere(pattern, section);
  const base = { rule: "objectives", metric: name, objective, samples: samples.length };
  if (samples.length === 0)
    return { ...base, status: "unknown", exit: "inconclusive", message: "no result to judge it by", scenario };
  const without = samples.find((sample) => limit.read(sample.result.metrics) === undefined);
  const worst = samples.filter((sample) => sample !== without).reduce<Sample | undefined>(worseOf(limit), undefined);
  const value = worst === undefined ? undefined : limit.read(worst.result.metrics);
  // A value that is missing somewhere does not hide one that is too high elsewhere.
  if (worst === undefined || value === undefined || (without !== undefined && limit.margin(value) >= 0)) {
    const { run, result } = without ?? { run: undefined, result: undefined };
    const where = run === undefined || result === undefined ? {} : { run: run.name, replay: result.replay };
    return {
      ...base,
      ...where,
      status: "unknown",
      exit: "inconclusive",
      message: "was not measured",
      scenario: result?.id ?? scenario,
    };
  }
  const margin = limit.margin(value);
  return {
    ...base,
    status: margin >= 0 ? "met" : "missed",
    exit: margin >= 0 ? "pass" : "objectiveMissed",
    message: samples.length > 1 ? `worst of ${samples.length}` : "",
    run: worst.run.name,
    scenario: worst.result.id,
    value: limit.format(value),
    margin: Math.round(margin * 1000) / 1000,
    replay: worst.result.replay,
  };
}

function worseOf(limit: Limit): (worst: Sample | undefined, sample: Sample) => Sample | undefined {
  const marginOf = ({ result }: Sample): number => {
    const value = limit.read(result.metrics);
    return value === undefined ? Infinity : limit.margin(value);
  };
  return (worst, sample) => {
    if (marginOf(sample) === Infinity) return worst;
    return worst === undefined || marginOf(sample) < marginOf(worst) ? sample : worst;
  };
}
