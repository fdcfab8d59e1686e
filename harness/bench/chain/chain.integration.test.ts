// The benchmark of chains on a small graph: it measures what it says.
import { describe, expect, it } from "vitest";
import { silentProgress } from "../../base/progress.ts";
import { embeddedEngines } from "../../engine/embedded.ts";
import type { BenchContext } from "../benchmark.ts";
import { archiverOverhead } from "./archiver-overhead.ts";
import { replayRate } from "./replay-rate.ts";
import { restoreByLength } from "./restore-by-length.ts";

const context: BenchContext = {
  nodes: 500,
  dims: 0,
  seed: 1,
  runs: 1,
  engines: embeddedEngines(),
  progress: silentProgress,
  signal: AbortSignal.timeout(300_000),
};

describe("the benchmark of chains", { timeout: 300_000 }, () => {
  it("measures writers while an archiver runs in a process of its own", async () => {
    const rows = await archiverOverhead(context, { pairs: 1, windowMs: 300 });
    expect(rows.map(({ unit, runs }) => [unit, runs.length])).toEqual([
      ["x", 1],
      ["per s", 1],
      ["per s", 1],
      ["per s", 1],
      ["x", 1],
      ["x", 1],
    ]);
    expect(rows.every(({ value }) => value > 0)).toBe(true);
  });
  it("measures the replay of what two kinds of writers made", async () => {
    const rows = await replayRate(context);
    expect(rows).toHaveLength(6);
    expect(rows.every(({ value }) => value > 0 && Number.isFinite(value))).toBe(true);
  });
  it("measures restores by the length of their chain, as points of curves", async () => {
    const rows = await restoreByLength(context, [1]);
    expect(new Set(rows.map(({ name }) => name)).size).toBe(10);
    expect(rows.every(({ value }) => value > 0 && Number.isFinite(value))).toBe(true);
    const curves = rows.flatMap(({ curve }) => (curve === undefined ? [] : [`${curve.chart}/${curve.line}`]));
    expect(new Set(curves).size).toBe(6);
  });
});
