import { expect, it } from "vitest";
import { pairedRatio } from "./paired-ratio.ts";

const rounded = (pairs: Parameters<typeof pairedRatio>[0]): readonly number[] => {
  const { ratio, low, high } = pairedRatio(pairs);
  return [ratio, low, high].map((value) => Math.round(value * 1000) / 1000);
};

it.each<[string, Parameters<typeof pairedRatio>[0], readonly number[]]>([
  ["equal pairs", [1, 2, 3].map((time) => [time, time]), [1, 1, 1]],
  ["twice as long, each time", [1, 2, 3, 4].map((time) => [2 * time, time]), [2, 2, 2]],
  // By hand: the logs are 0 and ln 1.21; mean ln 1.1, standard error ln 1.1, t of one degree 12.706.
  [
    "two pairs that differ",
    [
      [1, 1],
      [1.21, 1],
    ],
    [1.1, 0.328, 3.693],
  ],
])("%s", (_, pairs, expected) => expect(rounded(pairs)).toEqual(expected));

it("a machine that is slow for a while does not widen the interval", () => {
  const { low, high } = pairedRatio([
    [1.2, 1],
    [12.1, 10],
    [1.19, 1],
    [3.6, 3],
  ]);
  expect(low).toBeGreaterThan(1.18);
  expect(high).toBeLessThan(1.22);
});
