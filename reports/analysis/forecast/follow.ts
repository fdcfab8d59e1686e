// All forecasts of a series, as they would have been made after each measurement: the newest one is what is shown, and
// the earlier ones say whether a warning stands.
import { Forecaster } from "./forecaster.ts";
import type { Made } from "./grade.ts";
import { dayLengthMs, type Measured } from "./measured.ts";

/** How many days ahead the intervals lie that are graded later. */
const checkedDays = [1, 7, 14, 30] as const;

export interface Followed {
  readonly made: readonly Made[];
  readonly forecaster: Forecaster;
}

/** `measured` is in order of time, one a day at most. */
export function follow(measured: readonly Measured[], limit: number): Followed {
  const forecaster = new Forecaster();
  const made: Made[] = [];
  for (const point of measured) {
    forecaster.add(point);
    if (forecaster.isReady) made.push(forecastNow(forecaster, point.atMs, limit));
  }
  return { made, forecaster };
}

function forecastNow(forecaster: Forecaster, atMs: number, limit: number): Made {
  const checks = checkedDays.map((days) => {
    const { low, high } = forecaster.at(atMs + days * dayLengthMs);
    return { atMs: atMs + days * dayLengthMs, low, high };
  });
  return { atMs, breaksAtMs: forecaster.breaksAtMs(limit), checks };
}
