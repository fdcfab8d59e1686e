// Write rates: when each write is due, as a pure function of its number. Writers that share a profile take the numbers
// in turn.
import { usageError } from "../base/errors.ts";

export type WriteProfile =
  | { readonly kind: "constant"; readonly perSecond: number }
  /** `size` writes at once, for this average rate per second. */
  | { readonly kind: "burst"; readonly perSecond: number; readonly size: number }
  /** Goes from the first rate to the second within `overMs`, then stays at the second. */
  | { readonly kind: "ramp"; readonly fromPerSecond: number; readonly toPerSecond: number; readonly overMs: number }
  /** Full speed. */
  | { readonly kind: "flat-out" };

/** Milliseconds after the start at which write `n`, counted from 0, is due. */
export function dueAt(profile: WriteProfile, n: number): number {
  switch (profile.kind) {
    case "constant":
      return (n * 1000) / profile.perSecond;
    case "burst":
      return (Math.floor(n / profile.size) * profile.size * 1000) / profile.perSecond;
    case "ramp":
      return rampDueAt(profile, n);
    case "flat-out":
      return 0;
  }
}

function rampDueAt({ fromPerSecond, toPerSecond, overMs }: Extract<WriteProfile, { kind: "ramp" }>, n: number): number {
  const [from, to] = [fromPerSecond / 1000, toPerSecond / 1000];
  const inRamp = ((from + to) / 2) * overMs;
  if (n >= inRamp) return overMs + (n - inRamp) / to;
  // After t ms, from*t + slope*t*t/2 writes are due; the root is written so that it also holds without a slope.
  const slope = (to - from) / overMs;
  return (2 * n) / (from + Math.sqrt(from * from + 2 * slope * n));
}

/** How many writes are due in the first `elapsedMs`; undefined if the profile sets no number. */
export function dueWithin(profile: WriteProfile, elapsedMs: number): number | undefined {
  if (profile.kind === "flat-out") return undefined;
  let low = 0;
  let high = 1;
  while (dueAt(profile, high) <= elapsedMs) high *= 2;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (dueAt(profile, middle) <= elapsedMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

export interface Reach {
  readonly elapsedMs: number;
  /** Writes due by then according to the profile; undefined at full speed. */
  readonly due: number | undefined;
  readonly acked: number;
}

const shareMin = 0.9;
/** Why a profile was not reached, with numbers; undefined if it was. */
export function notReached(profile: WriteProfile, { elapsedMs, due, acked }: Reach): string | undefined {
  if (due === undefined || acked >= due * shareMin) return undefined;
  const perSecond = (count: number): string => ((count * 1000) / elapsedMs).toFixed(0);
  return (
    `the profile ${profile.kind} asked for ${due} writes in ${(elapsedMs / 1000).toFixed(1)} s ` +
    `(${perSecond(due)} a second), and ${acked} were acknowledged (${perSecond(acked)} a second)`
  );
}

export function checkProfile(profile: WriteProfile): void {
  const { kind, ...numbers } = profile;
  for (const [name, value] of Object.entries(numbers)) {
    const isWhole = name !== "size" || Number.isInteger(value);
    if (!(value > 0 && Number.isFinite(value) && isWhole))
      throw usageError(`writer profile ${kind}: ${name} is ${value}; expected more than 0`);
  }
}
