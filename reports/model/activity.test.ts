import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { HistoryLine } from "../../harness/record/drill-history.ts";
import { ActivityBuilder } from "./activity.ts";

const line = (change: Partial<HistoryLine>): HistoryLine => ({
  scenario: "s",
  writer: "w",
  sequence: 0,
  attempt: 0,
  kind: "episode",
  invokedMs: 0,
  completedMs: 1,
  outcome: "ok",
  graph: "g",
  uuid: "u",
  ...change,
});
const built = (lines: readonly HistoryLine[]) => {
  const builder = new ActivityBuilder();
  for (const one of lines) builder.add(one);
  return builder.build();
};

describe("what writers did over time", () => {
  it("is nothing without a history", () => {
    expect(built([])).toBeUndefined();
  });

  it("counts every line once, in a bounded number of intervals that cover the whole history", () => {
    const times = fc.array(fc.double({ min: 0, max: 5e6, noNaN: true }), { minLength: 1, maxLength: 300 });
    fc.assert(
      fc.property(times, (at) => {
        const outcomes = ["ok", "refused", "failed", "unknown"] as const;
        const lines = at.map((ms, index) =>
          line({ sequence: index, invokedMs: ms, completedMs: ms + 1, outcome: outcomes[index % 4] ?? "ok" }),
        );
        const activity = built(lines);
        expect(activity?.intervals.length).toBeLessThanOrEqual(200);
        expect((activity?.acked ?? 0) + (activity?.refused ?? 0) + (activity?.unsure ?? 0)).toBe(at.length);
        const inIntervals = activity?.intervals.reduce(
          (sum, { acked, refused, unsure }) => sum + acked + refused + unsure,
          0,
        );
        expect(inIntervals).toBe(at.length);
        const end = (activity?.fromMs ?? 0) + (activity?.intervals.length ?? 0) * (activity?.intervalMs ?? 0);
        expect(end).toBeGreaterThan(Math.max(...at));
      }),
    );
  });

  it("measures latency from the first attempt, and quantiles to a few percent", () => {
    const lines = Array.from({ length: 100 }, (_, at) => line({ sequence: at, completedMs: at < 98 ? 10 : 14 }));
    const quick = built(lines)?.intervals.find(({ acked }) => acked > 0);
    expect(Math.abs((quick?.p50Ms ?? 0) / 10 - 1)).toBeLessThan(0.05);
    expect(Math.abs((quick?.p99Ms ?? 0) / 14 - 1)).toBeLessThan(0.05);
    const held = built([
      line({ completedMs: 1, outcome: "refused" }),
      line({ attempt: 1, invokedMs: 90, completedMs: 100 }),
    ]);
    const late = held?.intervals.find(({ acked }) => acked > 0);
    expect(Math.abs((late?.p50Ms ?? 0) / 100 - 1)).toBeLessThan(0.05);
  });

  it("shows that nothing was acknowledged during a pause", () => {
    const lines = Array.from({ length: 1000 }, (_, at) => {
      const invokedMs = at < 500 ? at * 2 : 3000 + at * 2;
      return line({ sequence: at, invokedMs, completedMs: invokedMs + 1 });
    });
    const activity = built(lines);
    const still = activity?.intervals.filter(({ acked, p50Ms }) => acked === 0 && p50Ms === undefined).length ?? 0;
    expect((still + 2) * (activity?.intervalMs ?? 0)).toBeGreaterThanOrEqual(3000);
  });
});
