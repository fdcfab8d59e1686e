import { expect, it } from "vitest";
import type { Judgement } from "../check.ts";
import { requiredWitnesses } from "../judge.ts";
import type { Expectation, Observation, VectorSearch } from "../observation.ts";
import { madeObservation, sampleExpectation } from "../testing/sample-observation.ts";
import { vectorSearchesCheck } from "./vector-searches.ts";

/** `found` per probe, each of ten. */
const search = (found: readonly number[], change: Partial<VectorSearch> = {}): VectorSearch => ({
  entity: "NODE",
  label: "Entity",
  property: "name_embedding",
  nearest: 10,
  wanted: found.map(() => 10),
  found: [...found],
  ...change,
});
const observed = (...searches: readonly VectorSearch[]): Observation =>
  madeObservation((graph) => void (graph.vectorSearches = [...searches]));
const eachOf = (probes: number, found: (at: number) => number): number[] =>
  Array.from({ length: probes }, (_, at) => found(at));
const source = search(eachOf(32, (at) => 7 + (at % 4)));
const judged = (target: Observation, before: Observation = observed(source)): Judgement =>
  vectorSearchesCheck.judge({ expectation: sampleExpectation, observation: target, baseline: before });

it("says nothing of an index that finds as much, more, or little less than the source's", () => {
  const others = [
    source.found,
    eachOf(32, () => 10),
    source.found.map((found, at) => (at % 4 === 0 ? found - 1 : found)),
  ];
  for (const found of others) expect(judged(observed(search(found))).findings).toEqual([]);
});

it("says nothing where the difference may be chance", () => {
  // The mean of the differences is -0.075, and its error large.
  const found = source.found.map((was, at) => was + ([-5, 3, -4, 3][at % 4] ?? 0));
  expect(judged(observed(search(found))).findings).toEqual([]);
});

it("names an index that finds less, with both shares and the interval of their difference", () => {
  const { findings, witnesses } = judged(observed(search(source.found.map((found) => found - 1 - (found % 2)))));
  expect(findings).toMatchObject([
    {
      code: "vector-recall-worse",
      severity: "error",
      subject: "main/Entity.name_embedding",
      message: "the vector index finds 70 % of the nearest, and 85 % on the source",
      evidence: { source: 0.85, target: 0.7, difference: -0.15, interval: [-0.186, -0.114], probes: 32 },
    },
  ]);
  expect(witnesses).toEqual({ vectorSearchesAsked: 32, vectorSearchesCompared: 32 });
});

it.each<[string, readonly VectorSearch[]]>([
  ["no index", []],
  ["an index without vectors", [search([])]],
  [
    "vectors that no scan finds",
    [
      search(
        eachOf(32, () => 0),
        { wanted: eachOf(32, () => 0) },
      ),
    ],
  ],
  ["an index that refuses", [search([], { error: "no such index" })]],
])("names total loss: %s", (_, searches) => {
  const [finding] = judged(observed(...searches)).findings;
  expect(finding).toMatchObject({
    code: "vector-recall-worse",
    evidence: { source: 0.85, target: 0, difference: -0.85 },
  });
});

it("finds one lost probe of equal ones, where no probe varies", () => {
  const all = search(eachOf(32, () => 10));
  expect(judged(observed(search(eachOf(32, () => 5))), observed(all)).findings).toHaveLength(1);
  expect(judged(observed(all), observed(all)).findings).toEqual([]);
});

it("has nothing to compare in runs of older versions, or where the source answered nothing", () => {
  const older = madeObservation((graph) => void delete graph.vectorSearches);
  for (const before of [older, observed(search([], { error: "no" }))])
    expect(judged(observed(source), before)).toEqual({
      findings: [],
      witnesses: { vectorSearchesAsked: 32, vectorSearchesCompared: 0 },
    });
});

it("needs a search where an index holds two vectors of its dimension", () => {
  const needs = (fields: Record<string, string[]>, dimension: number): boolean => {
    const indexed: Expectation = structuredClone(sampleExpectation);
    const [index] = indexed.indexSets[0] ?? [];
    if (index !== undefined) Object.assign(index, { fields, options: { name_embedding: { dimension } } });
    return requiredWitnesses(indexed).includes("vectorSearchesAsked");
  };
  expect([needs({ name_embedding: ["VECTOR"] }, 4), needs({ name_embedding: ["VECTOR"] }, 5), needs({}, 4)]).toEqual([
    true,
    false,
    false,
  ]);
});
