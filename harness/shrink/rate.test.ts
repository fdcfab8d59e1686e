import { expect, test } from "vitest";
import { rateOf } from "../../reports/statistics/wilson.ts";
import { rateText, triesUntilLost } from "./rate.ts";

test("the rate has Wilson's interval", () => {
  expect(rateText(rateOf(8, 10))).toBe("shows in 8 of 10 tries (95 %: 0.49 to 0.94)");
  expect(rateText(rateOf(10, 10))).toBe("shows in 10 of 10 tries (95 %: 0.72 to 1.00)");
  expect(rateOf(0, 5)).toMatchObject({ low: 0 });
  expect(rateOf(0, 0)).toMatchObject({ low: 0, high: 1 });
});

test("a finding that shows rarely is tried more often before it counts as lost", () => {
  expect(triesUntilLost(rateOf(5, 5))).toBe(1);
  expect(triesUntilLost(rateOf(8, 10))).toBe(2);
  // 0.5 ** 5 is below 0.05, and 0.5 ** 4 is not.
  expect(triesUntilLost(rateOf(5, 10))).toBe(5);
  expect(triesUntilLost(rateOf(1, 100))).toBe(20);
});
