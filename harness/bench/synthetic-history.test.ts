import { expect, test } from "vitest";
import { judgeMoment, type MomentEvidence } from "../check/history/moments.ts";
import { judgeWrites } from "../workload/history/judge-writes.ts";
import { madeHistory } from "./synthetic-history.ts";

const lines = 20_000;
const made = madeHistory(5, lines);
const records = [...made.records()];

test("a made history is judged sound, and its loss is what was made to be lost", () => {
  const moment = judgeMoment(records, made.moment);
  const episodes = judgeWrites(records, made.episodes);
  expect([...moment.findings, ...episodes.findings]).toEqual([]);
  expect(moment.loss.writes + episodes.loss.writes).toBe(made.lost);
  expect(made.lost).toBeGreaterThan(lines / 3);
  expect(new Set(records.map(({ kind }) => kind)).size).toBe(6);
  expect(moment.witnesses["writesAcknowledgedBeforeCut"]).toBeGreaterThan(lines / 2);
});

test("the same seed makes the same history, another seed another one", () => {
  expect([...madeHistory(5, 500).records()]).toEqual(records.slice(0, 500));
  expect([...madeHistory(6, 500).records()]).not.toEqual(records.slice(0, 500));
});

test("one trace that is missing from it is found", () => {
  const graphs = made.moment.graphs.map((graph) => ({
    ...graph,
    traces: graph.graph === "drill-ring" ? { ...graph.traces, "ring-2": [[0, 9] as const] } : graph.traces,
  }));
  const spoilt: MomentEvidence = { ...made.moment, graphs };
  expect(judgeMoment(records, spoilt).findings.map(({ code }) => code)).toContain("write-lost");
});
