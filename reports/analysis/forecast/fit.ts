// One fit of a series of positive values, in logarithms: a weekly pattern, level shifts that are taken out, and three ways
// to go on (as before, by the same amount, by the same share). Times are in days.
import { medianInPlace } from "../../statistics/median.ts";
import { robustDeviation, theilSen } from "../../statistics/theil-sen.ts";

export interface LogPoint {
  readonly day: number;
  readonly log: number;
}

/** Ways to go on; each gives the logarithm of the value at a day. */
export interface Fit {
  readonly madeOn: number;
  readonly models: readonly ((day: number) => number)[];
  /** Noise of a single measurement, in logarithms. */
  readonly noise: number;
  /** How unsure the slope is, in logarithms a day. */
  readonly slopeError: number;
}

const windowPoints = 42;
const windowDays = 120;
const recentPoints = 10;
/** A line is not followed further down than to this share of its present level. */
const lowestShare = 0.1;

export function fit(all: readonly LogPoint[]): Fit {
  const madeOn = all.at(-1)?.day ?? 0;
  const points = all.slice(-windowPoints).filter(({ day }) => day > madeOn - windowDays);
  const days = points.map(({ day }) => day - madeOn);
  const season = weekly(points);
  const plain = points.map(({ day, log }) => log - season(day));
  const aligned = withoutShifts(days, plain);
  const level = medianInPlace(Float64Array.from(aligned.slice(-recentPoints)));
  const share = theilSen(days, aligned);
  const amount = theilSen(
    days,
    aligned.map((log) => Math.exp(log - level)),
  );
  const residuals = aligned.map((log, i) => log - share.intercept - share.slope * (days[i] as number));
  const noise = Math.max(robustDeviation(residuals), 1e-4);
  const span = Math.max(1, -(days[0] ?? 0));
  return {
    madeOn,
    models: [
      (day) => level + season(day),
      (day) => share.intercept + share.slope * (day - madeOn) + season(day),
      (day) => level + Math.log(Math.max(lowestShare, amount.intercept + amount.slope * (day - madeOn))) + season(day),
    ],
    noise,
    slopeError: (noise * Math.sqrt(12 / points.length)) / span,
  };
}

const weeklyPointsMin = 21;

/** What a day of the week adds, in logarithms; nothing where the week explains less than a sixth of the noise. */
function weekly(points: readonly LogPoint[]): (day: number) => number {
  const none = (): number => 0;
  if (points.length < weeklyPointsMin) return none;
  const days = points.map(({ day }) => day);
  const line = theilSen(
    days,
    points.map(({ log }) => log),
  );
  const residuals = points.map(({ day, log }) => log - line.intercept - line.slope * day);
  const byDay = Map.groupBy(residuals, (_, index) => weekdayOf(days[index] as number));
  if (byDay.size < 7 || [...byDay.values()].some(({ length }) => length < 3)) return none;
  const pattern = new Map([...byDay].map(([weekday, values]) => [weekday, medianInPlace(Float64Array.from(values))]));
  const offset = [...pattern.values()].reduce((sum, value) => sum + value, 0) / 7;
  const effect = (day: number): number => (pattern.get(weekdayOf(day)) ?? 0) - offset;
  const left = robustDeviation(residuals.map((residual, i) => residual - effect(days[i] as number)));
  return left > robustDeviation(residuals) * (5 / 6) ? none : effect;
}

function weekdayOf(day: number): number {
  return ((Math.floor(day) % 7) + 7) % 7;
}

const sideMin = 4;
const shiftsMax = 2;
/** How many of its own standard errors, and how much of the noise of one measurement, a shift has to be. */
const shiftErrors = 6;
const shiftNoises = 2;

/** The series with what lies before each level shift moved to the level after it, so that its slope still counts. */
function withoutShifts(days: readonly number[], logs: readonly number[]): readonly number[] {
  const aligned = [...logs];
  for (let shift = 0; shift < shiftsMax; shift += 1) {
    const found = largestShift(days, aligned);
    if (found === undefined) break;
    for (let i = 0; i < found.at; i += 1) aligned[i] = (aligned[i] as number) + found.by;
  }
  return aligned;
}

/** The best line with one step in it, where that step is clear; single wild values are taken out first. */
function largestShift(days: readonly number[], logs: readonly number[]): { at: number; by: number } | undefined {
  const smooth = logs.map((log, i) => middleOf(logs[i - 1] ?? log, log, logs[i + 1] ?? log));
  const sums = days.map(() => noSums);
  let all = noSums;
  for (const [i, x] of days.entries()) {
    sums[i] = all;
    const y = smooth[i] as number;
    all = { n: all.n + 1, x: all.x + x, y: all.y + y, xx: all.xx + x * x, xy: all.xy + x * y, yy: all.yy + y * y };
  }
  let best: (Step & { readonly at: number }) | undefined;
  for (let at = sideMin; at <= smooth.length - sideMin; at += 1) {
    const found = stepBetween(sums[at] as Sums, all);
    if (found.errors > (best?.errors ?? 0)) best = { at, ...found };
  }
  if (best === undefined || best.errors < shiftErrors || Math.abs(best.by) < shiftNoises * best.noise) return undefined;
  return { at: best.at, by: best.by };
}

function middleOf(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}

const noSums = { n: 0, x: 0, y: 0, xx: 0, xy: 0, yy: 0 };
type Sums = typeof noSums;

interface Step {
  readonly by: number;
  /** Its size in its own standard errors. */
  readonly errors: number;
  readonly noise: number;
}

/** Least squares of two levels with one slope: what came before, and all. */
function stepBetween(before: Sums, all: Sums): Step {
  const a = centred(before);
  const b = centred({
    n: all.n - before.n,
    x: all.x - before.x,
    y: all.y - before.y,
    xx: all.xx - before.xx,
    xy: all.xy - before.xy,
    yy: all.yy - before.yy,
  });
  const xx = a.xx + b.xx;
  const slope = xx > 0 ? (a.xy + b.xy) / xx : 0;
  const by = b.y - a.y - slope * (b.x - a.x);
  const left = Math.max(0, a.yy + b.yy - slope * (a.xy + b.xy));
  const noise = Math.max(1e-4, Math.sqrt(left / Math.max(1, all.n - 3)));
  const error = noise * Math.sqrt(1 / a.n + 1 / b.n + (xx > 0 ? (b.x - a.x) ** 2 / xx : 0));
  return { by, errors: Math.abs(by) / error, noise };
}

function centred({ n, x, y, xx, xy, yy }: Sums): Sums {
  return { n, x: x / n, y: y / n, xx: xx - (x * x) / n, xy: xy - (x * y) / n, yy: yy - (y * y) / n };
}
