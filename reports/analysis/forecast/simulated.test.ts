// How good the forecasts are, on histories of 180 days whose future is known: those of one set of seeds, on which they were
// not developed, and by night those of a second one.
import { describe, expect, it } from "vitest";
import { isNightly } from "../../../harness/base/testing/nightly.ts";
import { daysKnown, type SimulatedHistory, simulatedHistory } from "../testing/simulated-history.ts";
import { follow } from "./follow.ts";
import { type Grade, gradeForecasts, joinedGrades, type Made } from "./grade.ts";
import { breaksOf, dayLengthMs, type Measured } from "./measured.ts";

type Forecasts = (known: readonly Measured[], limit: number) => readonly Made[];
const ours: Forecasts = (known, limit) => follow(known, limit).made;
/** Forecasts whose answer does not depend on the history. */
const always =
  (aheadDays: number | undefined): Forecasts =>
  (known) =>
    known.slice(10).map(({ atMs }) => ({
      atMs,
      breaksAtMs: aheadDays === undefined ? undefined : atMs + aheadDays * dayLengthMs,
      checks: [],
    }));

interface Scored extends Grade {
  readonly recall: number;
  readonly falseEachYear: number;
  readonly coverage: number;
}

/** Forecasts end with the first break: what follows it is repaired by somebody. */
function scored(histories: readonly SimulatedHistory[], forecasts: Forecasts): Scored {
  let days = 0;
  const grades = histories.map(({ measured, limit }) => {
    const [brokenMs = Number.POSITIVE_INFINITY] = breaksOf(measured, limit);
    const endMs = Math.min(brokenMs, daysKnown * dayLengthMs);
    const made = forecasts(
      measured.filter(({ atMs }) => atMs < endMs),
      limit,
    );
    days += made.length;
    const until = brokenMs < daysKnown * dayLengthMs ? brokenMs : Number.POSITIVE_INFINITY;
    // A break after the 180 days may answer a warning; none was asked for there.
    const grade = gradeForecasts(
      made,
      measured.filter(({ atMs }) => atMs <= brokenMs),
      limit,
      Number.POSITIVE_INFINITY,
    );
    const coverage = gradeForecasts(made, measured, limit, 0);
    const asked = Number.isFinite(until) ? {} : { hits: 0, missed: 0, noticeDays: [] };
    return { ...grade, ...asked, intervals: coverage.intervals, covered: coverage.covered };
  });
  const sum = joinedGrades(grades);
  return {
    ...sum,
    recall: sum.hits / (sum.hits + sum.missed),
    falseEachYear: sum.falseWarnings / (days / 365),
    coverage: sum.covered / sum.intervals,
  };
}

const histories = (seed: number, every = 1): readonly SimulatedHistory[] =>
  Array.from({ length: Math.floor(200 / every) }, (_, index) => simulatedHistory(seed, index));

const said = ({ recall, falseEachYear, coverage, hits, missed }: Scored): string =>
  `recall ${recall.toFixed(3)} of ${hits + missed}, ${falseEachYear.toFixed(2)} false a year, coverage ${coverage.toFixed(3)}`;

describe("forecasts of simulated histories", () => {
  it.each(isNightly ? [7, 8, 9] : [7])(
    "of seed %i warn a week before, seldom falsely, and say how sure they are",
    (seed) => {
      const found = scored(histories(seed, isNightly ? 1 : 5), ours);
      // A fifth of them says less exactly.
      const [recall, falseMax, off] = isNightly ? [0.9, 1, 0.03] : [0.8, 1.5, 0.04];
      expect(found.hits + found.missed).toBeGreaterThan(isNightly ? 70 : 12);
      const isGood = found.recall >= recall && found.falseEachYear <= falseMax && Math.abs(found.coverage - 0.9) <= off;
      expect([said(found), isGood]).toEqual([said(found), true]);
    },
  );

  it("are graded so that an answer which ignores the history fails", () => {
    const all = histories(7);
    const never = scored(all, always(undefined));
    expect([never.recall, never.falseEachYear]).toEqual([0, 0]);
    const soon = scored(all, always(10));
    expect(soon.recall).toBeGreaterThan(0.9);
    expect(soon.falseEachYear).toBeGreaterThan(1.2);
  });
});
