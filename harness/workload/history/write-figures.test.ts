// Synthetic histories: which write counts in which window.
import { expect, test } from "vitest";
import type { WriteRecord } from "./history.ts";
import { LatencyHistogram } from "./latency-histogram.ts";
import { WriteFigures } from "./write-figures.ts";

function line(invokedMs: number, completedMs: number, more: Partial<WriteRecord> = {}): WriteRecord {
  const write = {
    writer: "w",
    sequence: 0,
    attempt: 0,
    kind: "counter",
    graph: "g",
    uuid: "u",
    outcome: "ok",
  } as const;
  return { ...write, invokedMs, completedMs, ...more };
}

const spans = {
  backup: { fromMs: 1000, toMs: 2000 },
  fork: { fromMs: 1100, toMs: 1110 },
  transfer: { fromMs: 1200, toMs: 1700 },
};

function figuresOf(lines: readonly WriteRecord[], endMs?: number): WriteFigures {
  const figures = new WriteFigures({ ...spans, endMs });
  for (const record of lines) figures.add(record);
  return figures;
}

test("throughput in four windows and during the transfer", () => {
  const lines = [
    ...Array.from({ length: 10 }, (_, n) => line(n * 100, n * 100 + 1)),
    ...Array.from({ length: 5 }, (_, n) => line(1200 + n * 100, 1201 + n * 100)),
    line(2500, 2501),
    line(2600, 2601, { outcome: "unknown" }),
    line(3100, 3101),
  ];
  expect(figuresOf(lines, 3000).metrics()).toMatchObject({
    ackedPerSecondBefore: 10,
    ackedPerSecondDuring: 5,
    ackedPerSecondAfter: 1,
    ackedPerSecondWhole: 16 / 3,
    ackedPerSecondTransfer: 10,
    transferThroughputShare: 1,
  });
  expect(figuresOf([]).metrics()["ackedPerSecondWhole"]).toBe(0);
});

test("latency before the backup, across the fork and in the transfer; episodes apart", () => {
  const lines = [
    line(10, 12),
    line(1090, 1120),
    line(1105, 1108),
    line(1111, 1150),
    line(1300, 1304),
    line(1300, 1360, { kind: "episode" }),
  ];
  const metrics = figuresOf(lines).metrics();
  expect(metrics).toMatchObject({ forkLatencyMaxMs: 30 });
  const close = (name: string): number => Math.round((metrics[name] ?? Number.NaN) * 5) / 5;
  expect(["P50Before", "P50Fork", "P99Fork", "P50Transfer"].map((of) => close(`writeLatency${of}Ms`))).toEqual([
    2, 30, 30, 4,
  ]);
  expect(close("episodeLatencyP50TransferMs")).toBe(60);
  expect(metrics["writeLatencyP50AfterMs"]).toBeUndefined();
});

test("counts refusals during the backup, but not those of a service whose database is lost", () => {
  const refused = { outcome: "refused" } as const;
  expect(figuresOf([line(1100, 1101, refused), line(2500, 2501, refused)]).refused).toBe(1);
});

test("percentiles of a histogram are within 1 %, the maximum is exact, and an empty one is zero", () => {
  const histogram = new LatencyHistogram();
  for (let ms = 1; ms <= 1000; ms += 1) histogram.add(ms);
  expect(histogram.quantileMs(0.5) / 501).toBeCloseTo(1, 1.9);
  expect(histogram.quantileMs(0.99) / 991).toBeCloseTo(1, 1.9);
  expect([histogram.maxMs, histogram.quantileMs(1), histogram.count]).toEqual([1000, 1000, 1000]);
  histogram.add(0);
  expect(histogram.quantileMs(0)).toBe(0.001);
  expect(new LatencyHistogram().quantileMs(0.5)).toBe(0);
});
