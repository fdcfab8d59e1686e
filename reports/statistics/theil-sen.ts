// Theil and Sen's line (1950, 1968): the median of the slopes between all pairs, which up to 29 % of wild values hardly move.
import { medianInPlace } from "./median.ts";

export interface Line {
  readonly slope: number;
  /** Value of the line at x = 0. */
  readonly intercept: number;
}

/** NaN for fewer than two different x. Takes time quadratic in the number of points. */
export function theilSen(x: ArrayLike<number>, y: ArrayLike<number>): Line {
  const slopes = new Float64Array((x.length * (x.length - 1)) / 2);
  let count = 0;
  for (let i = 0; i < x.length; i += 1) {
    for (let j = 0; j < i; j += 1) {
      const run = (x[i] as number) - (x[j] as number);
      if (run !== 0) slopes[count++] = ((y[i] as number) - (y[j] as number)) / run;
    }
  }
  const slope = medianInPlace(slopes.subarray(0, count));
  return { slope, intercept: medianInPlace(Float64Array.from(x, (at, i) => (y[i] as number) - slope * at)) };
}

/** A robust standard deviation: that of a normal distribution with the same median distance from zero. */
export function robustDeviation(residuals: ArrayLike<number>): number {
  return 1.4826 * medianInPlace(Float64Array.from(residuals, Math.abs));
}
