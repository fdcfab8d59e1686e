// The ratio of two times that were measured in pairs, with an interval: a busy machine slows down both of a pair, and a
// difference that may be chance is no finding.
import { mean, sampleStandardDeviation } from "simple-statistics";
import { studentQuantile } from "../../../../reports/statistics/student.ts";

export interface PairedRatio {
  /** The geometric mean of the ratios. */
  readonly ratio: number;
  /** The interval that holds the true ratio with 95 % confidence. */
  readonly low: number;
  readonly high: number;
}

/** At least two pairs of [time, time of the other], both above 0. */
export function pairedRatio(pairs: readonly (readonly [number, number])[]): PairedRatio {
  const logs = pairs.map(([time, other]) => Math.log(time / other));
  const middle = mean(logs);
  const reach = (studentQuantile(0.975, logs.length - 1) * sampleStandardDeviation(logs)) / Math.sqrt(logs.length);
  return { ratio: Math.exp(middle), low: Math.exp(middle - reach), high: Math.exp(middle + reach) };
}
