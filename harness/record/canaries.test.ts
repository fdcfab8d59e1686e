import { expect, it } from "vitest";
import { checks, judgeAll } from "../check/judge.ts";
import { canaryEvidenceSchema, drillJudges, judgeCanaries, type Judges } from "./canaries.ts";
import { judgeScenario } from "./result.ts";
import { sampleCanaries } from "./testing/sample-canaries.ts";

const blind = { findings: [], witnesses: {} };
const without = (name: string): Partial<Judges> => {
  const others = checks.filter((check) => check.name !== name);
  expect(others.length).toBe(checks.length - 1);
  return { content: (expectation, observation) => judgeAll(expectation, observation, undefined, others) };
};

it("catches every planted canary, and says nothing else", () => {
  const { findings, witnesses } = judgeCanaries(sampleCanaries);
  expect(findings).toEqual([]);
  expect(witnesses).toEqual({ canariesPlanted: 7, canariesCaught: 7 });
  expect(canaryEvidenceSchema.parse(structuredClone(sampleCanaries))).toEqual(sampleCanaries);
});

it.each<[string, Partial<Judges>, string[]]>([
  ["the check of content", without("content"), ["flipped-property", "missing-edge", "stale-source"]],
  ["the check of indexes", without("indexes"), ["missing-index"]],
  ["the judge of writes", { writes: () => blind }, ["lost-write"]],
  ["the judge of one moment", { moment: () => blind }, ["flipped-balance", "lost-transfer"]],
])("without %s the canaries that it should catch are missed, and nothing is proven", (_, judges, missed) => {
  const { findings, witnesses } = judgeCanaries(sampleCanaries, { ...drillJudges, ...judges });
  expect(findings.map(({ code, subject }) => [code, subject])).toEqual(missed.map((name) => ["canary-missed", name]));
  expect(witnesses["canariesCaught"]).toBe(7 - missed.length);
  expect(judgeScenario(findings)).toEqual({ verdict: "inconclusive", exit: "inconclusive" });
});

it("proves nothing where the checks find fault with a graph in which nothing is wrong", () => {
  const { findings } = judgeCanaries({ ...sampleCanaries, moment: sampleCanaries.damagedMoment });
  expect(findings.map(({ code }) => code)).toEqual(["canary-false-alarm"]);
  expect(judgeScenario(findings).exit).toBe("inconclusive");
});
