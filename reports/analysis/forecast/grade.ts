// What became of forecasts: how many measurements fell into their intervals, which breaks were warned of in time, and which
// warnings were false. A pure function of what was said and what was measured then.
import { breaksOf, dayLengthMs, type Measured } from "./measured.ts";
import { type Said, standsAt, warningsOf } from "./warnings.ts";

/** Notice that a warning has to give. */
const noticeMsMin: number = 7 * dayLengthMs;
/** A warning that nothing followed for so long, twice of what it warned of, was false. */
const falseAfterMs = 42 * dayLengthMs;
/** The measurement that an interval is held against has to be so near in time. */
const nearestMs = dayLengthMs / 2;

/** The interval of a measurement at a later time. */
interface Check {
  readonly atMs: number;
  readonly low: number;
  readonly high: number;
}

export interface Made extends Said {
  readonly checks: readonly Check[];
}

export interface Grade {
  /** Intervals whose measurement is there by now, and those of them that held it. */
  readonly intervals: number;
  readonly covered: number;
  /** Breaks that could have been warned of, by whether they were, a week before. */
  readonly hits: number;
  readonly missed: number;
  readonly falseWarnings: number;
  /** Warnings of which it is not known yet. */
  readonly open: number;
  /** Days between the warning and the break, for each hit. */
  readonly noticeDays: readonly number[];
}

const noGrade: Grade = {
  intervals: 0,
  covered: 0,
  hits: 0,
  missed: 0,
  falseWarnings: 0,
  open: 0,
  noticeDays: [],
};

/** Grades the forecasts of one series with one limit; both lists are in order of time. */
export function gradeForecasts(
  made: readonly Made[],
  measured: readonly Measured[],
  limit: number,
  nowMs: number,
): Grade {
  const first = made[0]?.atMs ?? Number.POSITIVE_INFINITY;
  const warnings = warningsOf(made);
  const breaks = breaksOf(measured, limit);
  const before = breaks.filter((atMs) => atMs >= first + noticeMsMin);
  const standing = before.map((atMs) => warnings.find((warning) => standsAt(warning, atMs)));
  const notice = before.flatMap((atMs, index) => {
    const warning = standing[index];
    return warning !== undefined && atMs - warning.fromMs >= noticeMsMin ? [(atMs - warning.fromMs) / dayLengthMs] : [];
  });
  const unanswered = warnings.filter(
    ({ fromMs }) => !breaks.some((atMs) => atMs >= fromMs && atMs <= fromMs + falseAfterMs),
  );
  const falseWarnings = unanswered.filter(({ fromMs }) => nowMs > fromMs + falseAfterMs).length;
  return {
    ...coverageOf(made, measured),
    hits: notice.length,
    missed: before.length - notice.length,
    falseWarnings,
    open: unanswered.length - falseWarnings,
    noticeDays: notice,
  };
}

export function joinedGrades(grades: readonly Grade[]): Grade {
  return grades.reduce(
    (a, b) => ({
      intervals: a.intervals + b.intervals,
      covered: a.covered + b.covered,
      hits: a.hits + b.hits,
      missed: a.missed + b.missed,
      falseWarnings: a.falseWarnings + b.falseWarnings,
      open: a.open + b.open,
      noticeDays: [...a.noticeDays, ...b.noticeDays],
    }),
    noGrade,
  );
}

function coverageOf(made: readonly Made[], measured: readonly Measured[]): Pick<Grade, "intervals" | "covered"> {
  let [intervals, covered] = [0, 0];
  for (const { atMs, low, high } of made.flatMap(({ checks }) => checks)) {
    const value = nearest(measured, atMs);
    if (value === undefined) continue;
    intervals += 1;
    if (value >= low && value <= high) covered += 1;
  }
  return { intervals, covered };
}

function nearest(measured: readonly Measured[], atMs: number): number | undefined {
  let [from, to] = [0, measured.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((measured[middle] as Measured).atMs < atMs - nearestMs) from = middle + 1;
    else to = middle;
  }
  const near = measured.slice(from, from + 3).filter((point) => point.atMs <= atMs + nearestMs);
  return near.toSorted((a, b) => Math.abs(a.atMs - atMs) - Math.abs(b.atMs - atMs))[0]?.value;
}
