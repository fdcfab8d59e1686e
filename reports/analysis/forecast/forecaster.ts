// Forecasts of one series with 90 % intervals. It is fed measurement by measurement and holds its own earlier forecasts
// against each of them: which way of going on was right so far decides how they are mixed, and how far it was off decides
// how wide the intervals are. So a forecast is a function of the series alone.
import { type Fit, fit, type LogPoint } from "./fit.ts";
import { normalCumulative, normalQuantile } from "../../statistics/student.ts";
import { dayLengthMs, inARow, type Measured } from "./measured.ts";

/** Forecasts reach no further: what is later is "not within so many days". */
const horizonDays = 90;
export const pointsMin = 10;
export const spanDaysMin = 14;
export interface Interval {
  readonly low: number;
  readonly middle: number;
  readonly high: number;
}

const quantile95 = normalQuantile(0.95);
const scoredDays = 30;
/** Errors at these distances say which model is right; nearer ones are mostly noise. */
const modelDays = { from: 5, to: 21 };
const memory = 0.97;
const sharpness = 6;
/** Before anything was scored: some trust in the level staying as it is. */
const firstErrors = [0.9, 1, 1];
const bands = [2, 5, 10, 20, Number.POSITIVE_INFINITY];
const ratiosMax = 60;
/** Distances in units of the expected spread at 90 %, before a series has shown its own: so many count for them. */
const firstRatios = [2, 2.3, 2.7, 3.1, 3.7];
const firstCount = 25;
const ownShare = 0.93;

export class Forecaster {
  readonly #points: LogPoint[] = [];
  #fits: { readonly fit: Fit; readonly weights: readonly number[] }[] = [];
  readonly #errors = [...firstErrors];
  readonly #ratios: number[][] = bands.map(() => []);
  #wide: readonly number[] | undefined;

  /** In order of time, one a day at most. */
  add({ atMs, value }: Measured): void {
    const point = { day: atMs / dayLengthMs, log: Math.log(value) };
    this.#score(point);
    this.#wide = undefined;
    this.#points.push(point);
    if (!this.isReady) return;
    this.#fits = this.#fits.filter(({ fit: { madeOn } }) => madeOn > point.day - scoredDays);
    this.#fits.push({ fit: fit(this.#points), weights: this.#weights() });
  }

  /** False where the history is too short to say anything. */
  get isReady(): boolean {
    const span = (this.#points.at(-1)?.day ?? 0) - (this.#points[0]?.day ?? 0);
    return this.#points.length >= pointsMin && span >= spanDaysMin;
  }

  /** The 90 % interval of a measurement at that time. */
  at(atMs: number): Interval {
    const newest = this.#fits.at(-1);
    if (newest === undefined) return { low: 0, middle: Number.NaN, high: Number.POSITIVE_INFINITY };
    const day = atMs / dayLengthMs;
    const middle = mixed(newest, day);
    const ahead = Math.max(0, day - newest.fit.madeOn);
    const wide = this.#ratio(ahead) * spread(newest.fit, ahead);
    return { low: Math.exp(middle - wide), middle: Math.exp(middle), high: Math.exp(middle + wide) };
  }

  /** By when the limit is as likely broken as not; undefined where not within the horizon. `side` moves the level by its own uncertainty: 1 is the upper end of its 90 % interval, -1 the lower. */
  breaksAtMs(limit: number, side: -1 | 0 | 1 = 0): number | undefined {
    const newest = this.#fits.at(-1);
    if (newest === undefined) return undefined;
    const goal = Math.log(limit);
    const near = this.#ratio(1) * spread(newest.fit, 1);
    const above = new Float64Array(horizonDays);
    let unbroken = 1;
    for (let ahead = 1; ahead <= horizonDays; ahead += 1) {
      const day = newest.fit.madeOn + ahead;
      const wide = side === 0 ? near : this.#ratio(ahead) * spread(newest.fit, ahead);
      const level = mixed(newest, day) + side * Math.sqrt(Math.max(0, wide * wide - near * near));
      const now = normalCumulative(((level - goal) / near) * quantile95);
      let before = 0;
      for (let back = 1; back < inARow; back += 1) before += (above[ahead - back] ?? 0) / (inARow - 1);
      // Three of five: this one, and two of the four before it.
      unbroken *= 1 - now * (1 - (1 - before) ** 4 - 4 * before * (1 - before) ** 3);
      if (unbroken < 0.5) return day * dayLengthMs;
      above[ahead] = now;
    }
    return undefined;
  }

  #weights(): readonly number[] {
    const best = Math.min(...this.#errors);
    const raw = this.#errors.map((error) => (best / error) ** sharpness);
    const sum = raw.reduce((total, weight) => total + weight, 0);
    return raw.map((weight) => weight / sum);
  }

  #score(point: LogPoint): void {
    const errors = this.#errors.map(() => 0);
    let scored = 0;
    for (const made of this.#fits) {
      const ahead = point.day - made.fit.madeOn;
      if (ahead > scoredDays) continue;
      const off = Math.abs(point.log - mixed(made, point.day)) / spread(made.fit, ahead);
      const ratios = this.#ratios[bandOf(ahead)] as number[];
      ratios.push(off);
      if (ratios.length > ratiosMax) ratios.shift();
      if (ahead < modelDays.from || ahead > modelDays.to) continue;
      scored += 1;
      for (const [index, model] of made.fit.models.entries())
        errors[index] =
          (errors[index] as number) + Math.min(4, Math.abs(point.log - model(point.day)) / made.fit.noise);
    }
    if (scored === 0) return;
    for (const [index, error] of errors.entries())
      this.#errors[index] = memory * (this.#errors[index] as number) + ((1 - memory) * error) / scored;
  }

  #ratio(ahead: number): number {
    this.#wide ??= bands.map((_, band) => this.#ratioOf(band));
    return this.#wide[bandOf(ahead)] as number;
  }

  /** The distance within which 90 % of the earlier forecasts of this kind were. */
  #ratioOf(band: number): number {
    const own = (this.#ratios[band] as number[]).toSorted((a, b) => a - b);
    if (own.length === 0) return firstRatios[band] as number;
    const rank = Math.min(own.length - 1, Math.ceil(ownShare * (own.length + 1)) - 1);
    const share = own.length / (own.length + firstCount);
    return share * (own[rank] as number) + (1 - share) * (firstRatios[band] as number);
  }
}

/** A loop, because this is asked for millions of times. */
function mixed(
  { fit: { models }, weights }: { readonly fit: Fit; readonly weights: readonly number[] },
  day: number,
): number {
  let sum = 0;
  for (let index = 0; index < models.length; index += 1)
    sum += (weights[index] as number) * (models[index] as Fit["models"][number])(day);
  return sum;
}

function spread({ noise, slopeError }: Fit, ahead: number): number {
  return Math.hypot(noise, slopeError * ahead);
}

function bandOf(ahead: number): number {
  return bands.findIndex((bound) => ahead <= bound);
}
