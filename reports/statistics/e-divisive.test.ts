import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Draw } from "../../generators/random.ts";
import { bestSplit, changePoints } from "./e-divisive.ts";

const noise = (seed: number, count: number, level: (index: number) => number): number[] => {
  const draw = new Draw(seed, "series");
  return Array.from({ length: count }, (_, index) => level(index) + 0.1 * (draw.unit() + draw.unit() - 1));
};

/** The definition, without any running sums. */
function energy(left: readonly number[], right: readonly number[]): number {
  const meanDistance = (a: readonly number[], b: readonly number[]): number =>
    a.flatMap((x) => b.map((y) => Math.abs(x - y))).reduce((sum, v) => sum + v, 0);
  const [m, n] = [left.length, right.length];
  const within = (values: readonly number[]): number =>
    meanDistance(values, values) / (values.length * (values.length - 1));
  return ((m * n) / (m + n)) * ((2 * meanDistance(left, right)) / (m * n) - within(left) - within(right));
}

describe("the best split", () => {
  it("is where a hand would make it", () => {
    // 2 * 4 / 4 between the sides, nothing within them, times 2 * 2 / 4.
    expect(bestSplit([0, 0, 1, 1], 2)).toEqual({ at: 2, energy: 2 });
    expect(bestSplit([5, 5, 5, 5], 2)).toBeUndefined();
    expect(bestSplit([1, 2, 3], 2)).toBeUndefined();
  });
  it("has the energy of the definition, and none has more", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 4, maxLength: 14 }), (values) => {
        const all = values.slice(2, -1).map((_, i) => energy(values.slice(0, i + 2), values.slice(i + 2)));
        const best = bestSplit(values, 2);
        expect(best?.energy ?? 0).toBeCloseTo(Math.max(0, ...all), 8);
      }),
    );
  });
});

describe("change points", () => {
  it("are found where the series changes, one and several", () => {
    expect(
      changePoints(
        noise(1, 40, (i) => (i < 25 ? 1 : 1.2)),
        { seed: 1 },
      ).map(({ at }) => at),
    ).toEqual([25]);
    const steps = noise(2, 60, (i) => (i < 20 ? 1 : i < 40 ? 1.3 : 1.1));
    expect(changePoints(steps, { seed: 1 }).map(({ at }) => at)).toEqual([20, 40]);
  });
  it("are hardly ever seen where nothing changes", () => {
    const alarms = Array.from({ length: 60 }, (_, seed) =>
      changePoints(
        noise(seed, 24, () => 1),
        { seed, shuffles: 199 },
      ),
    );
    expect(alarms.filter((found) => found.length > 0).length).toBeLessThanOrEqual(3);
  });
  it("are the same for the same seed, and the same for other units", () => {
    const series = noise(3, 30, (i) => (i < 12 ? 1 : 1.5));
    const found = changePoints(series, { seed: 5 });
    expect(changePoints(series, { seed: 5 })).toEqual(found);
    expect(
      changePoints(
        series.map((v) => v * 1024 + 7),
        { seed: 5 },
      ),
    ).toEqual(found);
  });
  it("are not claimed before enough came after them", () => {
    expect(changePoints([...noise(4, 20, () => 1), 9, 9, 9], { seed: 1 }).every(({ at }) => at <= 19)).toBe(true);
    expect(changePoints([1, 2, 3], { seed: 1 })).toEqual([]);
  });
});
