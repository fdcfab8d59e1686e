import { describe, expect, it } from "vitest";
import { Draw } from "../../generators/random.ts";
import { compareInRounds, type ComparisonPlan, defaultPlan, type MeasureRound } from "./compare-in-rounds.ts";
import { judgeExact } from "./judge-exact.ts";
import { judgeRounds, type Round } from "./judge-rounds.ts";

const plan: ComparisonPlan = { ...defaultPlan, seed: 1 };

/** Noise of 1 %, on a machine that gets slower all the time. */
function simulated(seed: number, ratio: number | ((stage: 1 | 2) => number)): MeasureRound & { taken: number } {
  const draw = new Draw(seed, "simulated");
  const one = (index: number): number => (1 + index / 10) * (1 + 0.02 * (draw.unit() - 0.5));
  const measure = Object.assign(
    (stage: 1 | 2, index: number): Promise<Map<string, Round>> => {
      measure.taken += 1;
      draw.at(stage * 1000 + index);
      const by = typeof ratio === "number" ? ratio : ratio(stage);
      return Promise.resolve(new Map([["work", { base: one(index), again: one(index), head: one(index) * by }]]));
    },
    { taken: 0 },
  );
  return measure;
}

describe("a comparison in rounds", () => {
  it.each([
    [1.2, "regression"],
    [1, "within"],
    [0.8, "faster"],
  ])("of a version that takes %d of the time says %s after the fewest rounds", async (ratio, verdict) => {
    const measure = simulated(1, ratio);
    const [found] = await compareInRounds(measure, plan);
    expect(found?.verdict).toBe(verdict);
    expect(found?.first.head.estimate).toBeCloseTo(ratio, 1);
    expect(measure.taken).toBe(verdict === "regression" ? 16 : 8);
  });
  it("calls nothing a regression that a second measurement does not show", async () => {
    const [found] = await compareInRounds(
      simulated(2, (stage) => (stage === 1 ? 1.3 : 1)),
      plan,
    );
    expect(found).toMatchObject({ verdict: "within", first: { says: "slower" }, second: { says: "within" } });
  });
  it("leaves a suspicion open that a second measurement cannot clear", async () => {
    const [found] = await compareInRounds(
      simulated(3, (stage) => (stage === 1 ? 1.3 : 1.05)),
      plan,
    );
    expect(found).toMatchObject({ verdict: "not-confirmed", second: { says: "unclear", rounds: 27 } });
  });
  it("goes on while it is unclear, ends, and says what it could have seen", async () => {
    const measure = simulated(3, 1.05);
    const [found] = await compareInRounds(measure, plan);
    expect(found).toMatchObject({ verdict: "unclear", first: { rounds: 27 } });
    expect(found?.first.detectable).toBeGreaterThan(1.05);
    expect(found?.first.detectable).toBeLessThan(1.07);
  });
  it("does not compare what one side does not have", async () => {
    const found = await compareInRounds(() => Promise.resolve(new Map()), plan);
    expect(found).toEqual([]);
  });
});

describe("rounds", () => {
  const limit = { allowed: 0.05, tail: 0.02, seed: 1 };
  it("in which base differs from itself say nothing of head", () => {
    const rounds = Array.from({ length: 10 }, (_, i) => ({ base: 1, again: 1.3 + i / 100, head: 1.5 }));
    expect(judgeRounds(rounds, limit).says).toBe("noisy");
  });
  it("are never clear alone", () => {
    expect(judgeRounds([{ base: 1, again: 1, head: 9 }], limit).says).toBe("unclear");
  });
  it("give the same for another unit", () => {
    const rounds = Array.from({ length: 8 }, (_, i) => ({ base: 3 + (i % 3), again: 4 - (i % 2), head: 4 + (i % 4) }));
    const other = rounds.map(({ base, again, head }) => ({
      base: base * 1024,
      again: again * 1024,
      head: head * 1024,
    }));
    expect(judgeRounds(other, limit)).toEqual(judgeRounds(rounds, limit));
  });
});

describe("exact figures", () => {
  const exactly = { within: 0, better: "less" } as const;
  it.each([
    [[10, 10], [10, 10], "same"],
    [[10, 10], [11, 11], "worse"],
    [[10, 10], [9, 9], "better"],
    [[0, 0], [0, 0], "same"],
    [[0, 0], [1, 1], "worse"],
    [[10, 11], [10, 10], "unsteady"],
    [[10], [11, 11], "too-few"],
    [[], [], "too-few"],
  ])("%j and %j are %s", (base, head, says) => {
    expect(judgeExact(base, head, exactly).says).toBe(says);
  });
  it("may differ by what they are allowed to", () => {
    expect(judgeExact([100, 101], [101, 102], { within: 0.02, better: "less" }).says).toBe("same");
    expect(judgeExact([100, 101], [104, 105], { within: 0.02, better: "more" }).says).toBe("better");
  });
});
