import { expect, test } from "vitest";
import type { GraphObservation, Observation } from "../observation.ts";
import { judgeAll } from "../judge.ts";
import { madeObservation, sampleExpectation } from "../testing/sample-observation.ts";

const source = madeObservation((_, all) => {
  all.role = "source";
});

test("an index that was already wrong on the source is reported, but is not an error of the restore", () => {
  const wrong = (graph: GraphObservation): void =>
    void Object.assign(graph.indexAnswers[0] ?? {}, { index: { count: 9, ids: "0-0" } });
  const before = madeObservation(wrong);
  const { findings } = judgeAll(sampleExpectation, madeObservation(wrong), before);
  expect(findings.map(({ code, severity }) => [code, severity])).toEqual([["index-inexact-in-engine", "info"]]);
});

test("zeros that the engine loses from an index when it loads it are named, and not blamed on the restore", () => {
  const lacking =
    (...lost: readonly (readonly [operator: "=" | "<" | ">=", literal: string, rows: number])[]) =>
    (graph: GraphObservation): void => {
      graph.indexAnswers = lost.map(([operator, literal, rows]) => ({
        lookup: { entity: "NODE", label: "Entity", property: "weight", operator, literal },
        index: { count: 5 - rows, ids: `${50 - 7 * rows}-${90 - 49 * rows}` },
        scan: { count: 5, ids: "50-90" },
        usedIndex: true,
      }));
    };
  const judge = (after: ReturnType<typeof lacking>): (readonly [code: string, severity: string])[] =>
    judgeAll(sampleExpectation, madeObservation(after), source).findings.map(({ code, severity }) => [code, severity]);
  const named = ["index-zeros-lost-in-engine", "warning"] as const;
  const blamed = ["index-contradicts-scan", "error"] as const;
  expect(judge(lacking(["=", "0", 1], [">=", "-2", 1], ["<", "7.5", 1]))).toEqual([named]);
  // A row that appears under another property.
  expect(judge(lacking(["=", "0.0", -1], ["<", "7.5", -1]))).toEqual([named]);
  // More is missing than zeros, zeros are not missing, or the lookup has no zero in it.
  expect(judge(lacking(["=", "0", 1], [">=", "-2", 2]))).toEqual([blamed, named]);
  expect(judge(lacking(["=", "0", 0], [">=", "-2", 1]))).toEqual([blamed]);
  expect(judge(lacking(["=", "0", 1], ["<", "-2", 1]))).toEqual([blamed, named]);
});

test("where the engine is wrong about ranges of text, it may be wrong about others after the restore", () => {
  const range =
    (at: string, count: number) =>
    (graph: GraphObservation): void => {
      const lookup = { entity: "NODE", label: "Entity", property: "uuid", operator: "<", literal: `"${at}"` } as const;
      graph.indexAnswers = [{ lookup, index: { count, ids: "0-0" }, scan: { count: 1, ids: "1-1" }, usedIndex: true }];
    };
  const judge = (before: Observation): string[] =>
    judgeAll(sampleExpectation, madeObservation(range("a", 3)), before).findings.map(({ code }) => code);
  expect(judge(madeObservation(range("b", 2)))).toEqual(["index-inexact-in-engine"]);
  expect(judge(source)).toEqual(["index-contradicts-scan"]);
});

test("edges of the node with id 0 that an index does not find are named after a load, unless the source had lost them", () => {
  const finding =
    (found: boolean) =>
    (graph: GraphObservation): void =>
      void (graph.firstNodeAnswers = [{ label: "RELATES_TO", end: "start", property: "uuid", literal: '"u"', found }]);
  const judge = (before: Observation): (readonly [string, string])[] =>
    judgeAll(sampleExpectation, madeObservation(finding(false)), before).findings.map(({ code, severity }) => [
      code,
      severity,
    ]);
  const code = "edges-of-first-node-lost-in-engine";
  expect(judge(madeObservation(finding(true)))).toEqual([[code, "warning"]]);
  expect(judge(madeObservation(finding(false)))).toEqual([[code, "info"]]);
  expect(judgeAll(sampleExpectation, madeObservation(finding(true)), source).findings).toEqual([]);
});
