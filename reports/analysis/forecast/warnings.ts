// From single forecasts to warnings that do not flicker: one begins with two forecasts in a row that break the limit soon,
// and stands until none has broken it within a longer time for three weeks.
import { dayLengthMs } from "./measured.ts";

/** A forecast breaks its limit soon where it does within so long. */
export const soonMs: number = 21 * dayLengthMs;
const nearMs = 60 * dayLengthMs;
const lastsMs = 21 * dayLengthMs;
const begins = 2;

/** What a forecast said of a limit. */
export interface Said {
  readonly atMs: number;
  /** When it expected it to be broken; undefined where not within its horizon. */
  readonly breaksAtMs: number | undefined;
}

export interface Warning {
  readonly fromMs: number;
  /** The last forecast that repeated it. */
  readonly lastMs: number;
}

/** The warnings in the order of time; `said` is in that order too. */
export function warningsOf(said: readonly Said[]): readonly Warning[] {
  const warnings: { fromMs: number; lastMs: number }[] = [];
  let soon = 0;
  for (const { atMs, breaksAtMs } of said) {
    const aheadMs = (breaksAtMs ?? Number.POSITIVE_INFINITY) - atMs;
    soon = aheadMs <= soonMs ? soon + 1 : 0;
    const open = warnings.at(-1);
    if (open !== undefined && atMs - open.lastMs <= lastsMs) {
      if (aheadMs <= nearMs) open.lastMs = atMs;
    } else if (soon >= begins) warnings.push({ fromMs: atMs, lastMs: atMs });
  }
  return warnings;
}

export function standsAt({ fromMs, lastMs }: Warning, atMs: number): boolean {
  return fromMs <= atMs && atMs <= lastMs + lastsMs;
}
