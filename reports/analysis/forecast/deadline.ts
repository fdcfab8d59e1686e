// Limits that are moments: a lock or a key that ends unless it is renewed. Whether it will be follows from how it was.
import { dayLengthMs } from "./measured.ts";
import { soonMs } from "./warnings.ts";

/** What ended when, as it was seen at a time. */
export interface SeenEnd {
  readonly atMs: number;
  readonly endMs: number;
}

export interface Deadline {
  readonly endMs: number;
  /** How often it was seen to be renewed, and with how much time left, usually. */
  readonly renewals: number;
  readonly usualLeftMs: number | undefined;
  /** It is later than its renewals ever were, or ends soon and was never renewed. */
  readonly isLate: boolean;
}

/** Renewals that were seen so often say when the next one is due. */
const renewalsMin = 2;
/** It is late when so much less time is left than at any renewal before. */
const lateShare = 0.75;

/** `seen` is in order of time. Undefined where nothing ends. */
export function deadlineOf(seen: readonly SeenEnd[], nowMs: number): Deadline | undefined {
  const last = seen.at(-1);
  if (last === undefined || !Number.isFinite(last.endMs)) return undefined;
  const left = seen.slice(1).flatMap(({ atMs, endMs }, index) => {
    const before = seen[index] as SeenEnd;
    return endMs > before.endMs + dayLengthMs / 24 ? [Math.max(0, before.endMs - atMs)] : [];
  });
  const usualLeftMs = left.length < renewalsMin ? undefined : Math.min(...left);
  const noticeMs = Math.min(soonMs, usualLeftMs === undefined ? soonMs : lateShare * usualLeftMs);
  return {
    endMs: last.endMs,
    renewals: left.length,
    usualLeftMs,
    isLate: last.endMs - nowMs <= noticeMs,
  };
}
