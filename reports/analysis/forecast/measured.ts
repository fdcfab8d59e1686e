// A series of measurements, and when it broke a limit.
import { medianInPlace } from "../../statistics/median.ts";

export interface Measured {
  readonly atMs: number;
  readonly value: number;
}

export const dayLengthMs = 86_400_000;

/** How many measurements in a row decide: two slow nights break nothing, three of five do. */
export const inARow = 5;
/** Above it again so soon is the same break. */
const apartMs = 21 * dayLengthMs;

/** The moments from which on the median of five measurements in a row lay above the limit. */
export function breaksOf(measured: readonly Measured[], limit: number): readonly number[] {
  const breaks: number[] = [];
  let lastMs = Number.NEGATIVE_INFINITY;
  for (let end = inARow; end <= measured.length; end += 1) {
    if (!isBroken(measured.slice(end - inARow, end), limit)) continue;
    const { atMs } = measured[end - 1] as Measured;
    if (atMs - lastMs > apartMs) breaks.push(atMs);
    lastMs = atMs;
  }
  return breaks;
}

/** By the last five measurements. */
export function isBroken(measured: readonly Measured[], limit: number): boolean {
  if (measured.length < inARow) return false;
  return measured.slice(-inARow).filter(({ value }) => value > limit).length * 2 > inARow;
}

/** One measurement a day, the median of those of that day, at the time of the last; only values above zero. */
export function daily(measured: readonly Measured[]): readonly Measured[] {
  const sorted = measured.filter(({ value }) => value > 0).toSorted((a, b) => a.atMs - b.atMs);
  const days = Map.groupBy(sorted, ({ atMs }) => Math.floor(atMs / dayLengthMs));
  return Array.from(days.values(), (all) => ({
    atMs: (all.at(-1) as Measured).atMs,
    value: medianInPlace(Float64Array.from(all, ({ value }) => value)),
  }));
}
