import { describe, expect, it } from "vitest";
import type { StoredFinding } from "../../record/result.ts";
import { cleanDrills, outcomeOf, silenceExit } from "./prove-silence.ts";
import { rateBound } from "./rate-bound.ts";

it.each([
  [0, 300, 1 - 0.05 ** (1 / 300)],
  [0, 1, 0.95],
  // Tables of Clopper and Pearson.
  [1, 100, 0.04656],
  [5, 50, 0.19887],
  [3, 3, 1],
  [0, 0, 1],
])("%i alarms in %i drills bound their rate", (events, trials, bound) => {
  expect(rateBound(events, trials)).toBeCloseTo(bound, 4);
});

describe("drills without a fault", () => {
  it("are drawn from the seed, each like the first of a run of its own", () => {
    const drills = cleanDrills({ count: 50, seed: 7 });
    expect(cleanDrills({ count: 1, seed: 9 })[0]?.name).toBe(drills[2]?.name);
    expect(new Set(drills.map(({ options }) => options.shape)).size).toBe(4);
    const sizes = drills.map(({ options }) => options.nodes ?? 0);
    expect(Math.min(...sizes)).toBeGreaterThanOrEqual(10);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(2000);
    expect(sizes.filter((size) => size < 150).length).toBeGreaterThan(15);
    expect(() => cleanDrills({ count: 0, seed: 1 })).toThrow("would prove nothing");
  });

  it("have the sizes at the border of the engine's buffer among a hundred", () => {
    const drills = cleanDrills({ count: 100, seed: 1 });
    expect(drills).toHaveLength(100);
    expect(drills.filter(({ unloadable }) => unloadable)).toHaveLength(2);
    expect(cleanDrills({ count: "borders", seed: 1 })).toHaveLength(4);
  });

  const error = (code: string, message: string): StoredFinding => ({
    code,
    severity: "error",
    subject: "border",
    message,
    evidence: {},
  });
  const passed = { exit: "pass", verdict: "pass" } as const;
  const failed = { exit: "notRecovered", verdict: "fail" } as const;
  const unclear = { exit: "inconclusive", verdict: "inconclusive" } as const;
  const named = error("dump-unloadable", "FalkorDB before 4.18.0 cannot load it");
  it.each([
    [false, passed, [], "silent"],
    [false, failed, [error("node-changed", "it differs")], "alarm"],
    [false, failed, [named], "alarm"],
    [true, failed, [named], "named"],
    [true, failed, [error("dump-unloadable", "no engine loads it")], "alarm"],
    [false, unclear, [error("no-witness", "nothing was checked")], "inconclusive"],
  ] as const)("where the dump is unloadable (%s), %o with %o is %s", (unloadable, result, errors, outcome) => {
    expect(outcomeOf({ unloadable }, { result, errors })).toBe(outcome);
  });

  it.each([
    [{ silent: 9, named: 0, alarm: 0, inconclusive: 0 }, false, "pass"],
    [{ silent: 9, named: 0, alarm: 0, inconclusive: 1 }, false, "inconclusive"],
    [{ silent: 9, named: 0, alarm: 1, inconclusive: 1 }, true, "dataWrong"],
    [{ silent: 9, named: 0, alarm: 0, inconclusive: 1 }, true, "interrupted"],
  ] as const)("%o, interrupted: %s, end with %s", (counts, interrupted, exit) => {
    expect(silenceExit(counts, interrupted)).toBe(exit);
  });
});
