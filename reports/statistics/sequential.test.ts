import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { confirmationTail, planLooks } from "./sequential.ts";

describe("looks", () => {
  it("come after half as many rounds more, and end at the last", () => {
    expect(planLooks(8, 27, 0.05).map(({ rounds }) => rounds)).toEqual([8, 12, 18, 27]);
    expect(planLooks(8, 8, 0.05)).toEqual([{ rounds: 8, tail: expect.closeTo(0.05, 12) as number }]);
  });
  it("spend the budget, all of it and no more", () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 50 }), fc.integer({ min: 2, max: 500 }), (first, last) => {
        const looks = planLooks(first, last, 0.05);
        expect(looks.reduce((sum, { tail }) => sum + tail, 0)).toBeCloseTo(0.05, 10);
        expect(looks.every(({ tail }) => tail > 0)).toBe(true);
        expect(looks.at(-1)?.rounds).toBe(Math.max(first, last));
      }),
    );
  });
  it("spend as Pocock's function says", () => {
    // 0.05 * ln(1 + 1.718282 * 8 / 16)
    expect(planLooks(8, 16, 0.05)[0]?.tail).toBeCloseTo(0.05 * Math.log(1.859141), 6);
  });
});

describe("the confirmation", () => {
  it("keeps false alarms among all comparisons within the budget", () => {
    expect(confirmationTail(0.05, 1, 0.01)).toBe(0.05);
    expect(confirmationTail(0.05, 10, 0.01)).toBeCloseTo(0.02, 10);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), (comparisons) => {
        expect(comparisons * 0.05 * confirmationTail(0.05, comparisons, 0.01)).toBeLessThanOrEqual(0.01 + 1e-12);
      }),
    );
  });
});
