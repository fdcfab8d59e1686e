// Whether the interval holds what it promises is counted: in simulated measurements without any difference, from a seed.
import { describe, expect, it } from "vitest";
import { isNightly } from "../../harness/base/testing/nightly.ts";
import { Draw } from "../../generators/random.ts";
import { bootstrapRounds, bootstrapSets } from "./bootstrap.ts";
import { smallestDetectable } from "./detectable.ts";

type Noise = (draw: Draw) => number;
const normal: Noise = (draw) => Math.sqrt(-2 * Math.log(1 - draw.unit())) * Math.cos(2 * Math.PI * draw.unit());
/** A machine that is mostly quiet, and now and then busy with something else. */
const spikes: Noise = (draw) => draw.unit() * 0.2 + (draw.chance(0.1) ? 3 * draw.unit() : 0);

const trials = 400;
const tail = 0.02;

describe("the bootstrap interval", { timeout: 60_000 }, () => {
  const noises = [
    ["normal", 8, normal],
    ["spiky", 8, spikes],
  ] as const;
  it.each(isNightly ? noises : noises.slice(0, 1))(
    "leaves out the truth about as often as it says: %s noise, %i rounds",
    (_, rounds, noise) => {
      let [above, below] = [0, 0];
      for (let trial = 0; trial < trials; trial += 1) {
        const draw = new Draw(trial, "coverage");
        const measured = Array.from({ length: rounds }, (_unused, round) => {
          draw.at(round);
          const [base, again, head] = [noise(draw), noise(draw), noise(draw)];
          return [head - base, head - again];
        });
        const { low, high } = bootstrapRounds(measured, trial, 500).interval(tail);
        if (low > 0) above += 1;
        if (high < 0) below += 1;
      }
      // 400 trials at 0.02 give 8; 18 or more have a probability of 0.0015.
      expect(above).toBeLessThan(18);
      expect(below).toBeLessThan(18);
      expect(above + below).toBeGreaterThan(0);
    },
  );

  it("is the same for the same seed, and moves with the values", () => {
    const measured = [
      [1, 2],
      [3, 1],
      [2, 2],
      [4, 1],
      [2, 3],
      [1, 1],
    ];
    const moved = measured.map((round) => round.map((v) => v + 10));
    const interval = bootstrapRounds(measured, 7).interval(tail);
    expect(bootstrapRounds(measured, 7).interval(tail)).toEqual(interval);
    const { low, high } = bootstrapRounds(moved, 7).interval(tail);
    expect([low - 10, high - 10]).toEqual([interval.low, interval.high]);
    expect(interval.low).toBeLessThan(interval.high);
  });

  it("is endless where the samples cannot say", () => {
    const endless = { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY };
    expect(bootstrapRounds([[1]], 1).interval(tail)).toEqual(endless);
    expect(bootstrapSets([1, 2], [3, 4], 1).interval(tail)).toEqual(endless);
    expect(bootstrapSets([], [3], 1).interval(tail)).toEqual(endless);
  });

  it("sees a shift between two sets that are apart, and none between two that are not", () => {
    const draw = new Draw(1, "sets");
    const set = (centreAt: number): number[] => Array.from({ length: 10 }, () => centreAt + 0.1 * normal(draw));
    expect(bootstrapSets(set(0), set(1), 1).interval(tail).low).toBeGreaterThan(0.5);
    expect(bootstrapSets(set(0), set(0), 1).interval(tail).low).toBeLessThan(0);
  });
});

describe("the smallest detectable shift", () => {
  it("is what the power formula of a t-test gives", () => {
    // t(0.975, 9) = 2.262157, z(0.8) = 0.841621.
    const found = smallestDetectable({ standardError: 0.01, rounds: 10, allowed: 0.05, tail: 0.025 });
    expect(found).toBeCloseTo(0.05 + 0.01 * (2.262157 + 0.841621), 5);
  });
  it("is endless for a single round", () => {
    expect(smallestDetectable({ standardError: 0, rounds: 1, allowed: 0, tail: 0.025 })).toBe(Infinity);
  });
});
