import { describe, expect, it } from "vitest";
import { Draw } from "../../generators/random.ts";
import { sampleRun } from "../testing/sample-run.ts";
import { actionBenchmark } from "./action-benchmark.ts";
import { compareSets } from "./compare-sets.ts";
import { figuresOf, type MeasuredFigure, type MeasuredRun } from "./measured-run.ts";
import { differences } from "./provenance.ts";
import { comparableRuns, trends } from "./trend.ts";

const noise = new Draw(1, "sets");
const ratio = (value: number): MeasuredFigure => ({
  name: "cycle: backup",
  unit: "x",
  value: value * (1 + 0.02 * noise.unit()),
  better: "less",
});
const stored = (value: number): MeasuredFigure => ({
  name: "stored",
  unit: "bytes",
  value,
  better: "less",
  exactWithin: 0,
});
const run = (figures: readonly MeasuredFigure[], machine: string = "here", at: number = 0): MeasuredRun => ({
  schemaVersion: 1,
  at: new Date(at * 86_400_000).toISOString(),
  version: "0.1.0",
  commit: `c${at}`,
  provenance: { machine },
  figures,
});
const runs = (count: number, ...values: readonly (() => MeasuredFigure)[]): MeasuredRun[] =>
  Array.from({ length: count }, () => run(values.map((make) => make())));
const limits = { allowed: 0.05, seed: 1 };

describe("two sets of runs", () => {
  it.each([
    [10, 1.2, "regression", 12],
    [6, 1.2, "suspected", 13],
    [4, 1.2, "too-few", 13],
    [10, 1, "within", 0],
    [10, 0.8, "faster", 0],
    [10, 1.05, "unclear", 13],
  ])("%i runs a side, %d times as slow: %s, exit code %i", (count, by, says, exitCode) => {
    const found = compareSets(
      runs(count, () => ratio(1)),
      runs(count, () => ratio(by)),
      limits,
    );
    expect(found.times).toMatchObject([{ name: "cycle: backup", says }]);
    expect(found.exitCode).toBe(exitCode);
  });
  it("are held to exact figures exactly", () => {
    const found = compareSets(
      runs(2, () => stored(100)),
      runs(2, () => stored(101)),
      limits,
    );
    expect(found).toMatchObject({ exact: [{ says: "worse" }], exitCode: 12 });
  });
  it("say what only one side has, and that nothing was compared", () => {
    const found = compareSets(
      runs(6, () => ratio(1)),
      runs(6, () => stored(1)),
      limits,
    );
    expect(found).toMatchObject({ verdict: "inconclusive", exitCode: 13, times: [], exact: [] });
    expect(found.oneSided).toEqual([
      { name: "cycle: backup", only: "base" },
      { name: "stored", only: "head" },
    ]);
  });
  it("do not judge bare times", () => {
    const bare = (): MeasuredFigure => ({ ...ratio(1), unit: "ms" });
    expect(compareSets(runs(9, bare), runs(9, bare), limits).times).toEqual([]);
  });
});

describe("figures of a drill", () => {
  it("are ratios to the raw limits of the same run, of what passed", () => {
    const found = figuresOf(sampleRun.scenarios);
    expect(found.find(({ name }) => name === "cycle/full: restore to first correct answer, of plain load")).toEqual({
      name: "cycle/full: restore to first correct answer, of plain load",
      unit: "x",
      value: 0.4,
      better: "less",
    });
    expect(found.find(({ name }) => name === "cycle/full: stored, of the dump")?.value).toBe(0.35);
    expect(found.every(({ name }) => name.startsWith("cycle/full"))).toBe(true);
  });
});

describe("a history", () => {
  const level = (at: number): number => (at < 15 ? 1 : 1.2);
  const history = Array.from({ length: 30 }, (_, at) => run([ratio(level(at)), stored(5)], "here", at));
  it("shows where a figure changed, by how much, and at which commit", () => {
    const [backup, bytes] = trends(history, limits);
    expect(backup?.changes).toMatchObject([{ index: 15, says: "worse", point: { commit: "c15" } }]);
    expect(backup?.changes[0]?.ratio).toBeCloseTo(1.2, 1);
    expect(bytes).toMatchObject({ changes: [], judged: true });
  });
  it("is not judged by runs of another machine, nor by too few", () => {
    const mixed = [...history, run([ratio(9)], "elsewhere", 30), run([ratio(1.2)], "here", 31)];
    expect(comparableRuns(mixed).length).toBe(31);
    expect(trends(history.slice(0, 7), limits).map(({ judged }) => judged)).toEqual([false, false]);
    expect(comparableRuns([])).toEqual([]);
  });
  it("leaves out a run that lacks a figure", () => {
    const holes = history.map((one, at) => (at % 3 === 0 ? run([], "here", at) : one));
    expect(trends(holes, limits)[0]?.points.length).toBe(20);
  });
});

describe("provenance", () => {
  it("differs by name, also where one side says nothing", () => {
    expect(differences({ a: "1", b: "2" }, { a: "1", b: "3", c: "4" })).toEqual([
      { name: "b", base: "2", head: "3" },
      { name: "c", base: undefined, head: "4" },
    ]);
  });
});

describe("entries for github-action-benchmark", () => {
  it("are such that less is better", () => {
    const entries = actionBenchmark([
      { name: "backup", unit: "ms", value: 10, better: "less", runs: [9, 10, 11] },
      { name: "generate", unit: "per s", value: 500_000, better: "more" },
      { name: "compress", unit: "MiB/s", value: 250, better: "more" },
      { name: "pipe, of the backup's time", unit: "x", value: 4, better: "more" },
    ]);
    expect(entries).toEqual([
      { name: "backup", unit: "ms", value: 10, range: "± 10.0 %", extra: "3 runs" },
      { name: "generate", unit: "µs each", value: 2 },
      { name: "compress", unit: "ms per MiB", value: 4 },
      { name: "pipe, of the backup's time", unit: "1/x", value: 0.25 },
    ]);
  });
});
