// Which locks are renewed now. A pure function: what a restore still needs, its locks, the time -> decisions.
//
// After a run every needed object is locked for at least (skipped runs + 2) periods, so after that many runs that did not
// take place one whole period is left. Where locks are long, they are renewed as soon as half of them is over: whoever
// stops the renewals gains nothing for that long.
import { usageError } from "../../base/errors.ts";
import { formatDuration } from "../../base/units.ts";
import { isAtLeast, lockEndMs, type ObjectLock, type ObjectLockMode, type ObjectLockRule } from "../store/store.ts";

export interface RenewalTimes {
  readonly rule: ObjectLockRule;
  /** How often the renewal is run. */
  readonly everyMs: number;
  /** How many runs in a row may not take place. */
  readonly skippedMax: number;
}

export interface LockedVersion<T> {
  readonly version: T;
  readonly lock: ObjectLock;
}

export interface Extension<T> {
  readonly version: T;
  /** Never weaker nor shorter than the lock that is there, as stores refuse that. */
  readonly mode: ObjectLockMode;
  readonly untilMs: number;
}

export interface RenewalPlan<T> {
  /** The lock that ends first, first: a run that is interrupted has done what is most urgent. */
  readonly extend: readonly Extension<T>[];
  /** Those whose lock ends within one period, or has ended. */
  readonly late: readonly T[];
  /** Those that have no lock at all. */
  readonly unlocked: readonly T[];
}

export function planRenewal<T>(seen: readonly LockedVersion<T>[], times: RenewalTimes, nowMs: number): RenewalPlan<T> {
  const { mode, forMs } = times.rule;
  const least = { mode, untilMs: lockEndMs(nowMs, leastLeftMs(times)) };
  const endMs = lockEndMs(nowMs, forMs);
  const soonestFirst = seen.toSorted((a, b) => a.lock.untilMs - b.lock.untilMs);
  const late = soonestFirst.filter(({ lock }) => lock.mode !== undefined && lock.untilMs < nowMs + times.everyMs);
  const unlocked = soonestFirst.filter(({ lock }) => lock.mode === undefined);
  return {
    extend: soonestFirst
      .filter(({ lock }) => !isAtLeast(lock, least))
      .map(({ version, lock }) => ({
        version,
        mode: lock.mode === "compliance" ? "compliance" : mode,
        untilMs: Math.max(endMs, lock.untilMs),
      })),
    late: late.map(({ version }) => version),
    unlocked: unlocked.map(({ version }) => version),
  };
}

/** What is left of each lock after a run. */
function leastLeftMs({ rule, everyMs, skippedMax }: RenewalTimes): number {
  return Math.max((skippedMax + 2) * everyMs, rule.forMs / 2);
}

/** Refuses times with which a lock could end before it is renewed. */
export function checkTimes({ rule, everyMs, skippedMax }: RenewalTimes): void {
  const leastMs = (skippedMax + 2) * everyMs;
  if (rule.forMs >= leastMs) return;
  throw usageError(
    `a lock of ${formatDuration(rule.forMs)} is too short for a renewal every ${formatDuration(everyMs)} of which ${skippedMax} in a row may not take place`,
    `Lock for at least ${formatDuration(leastMs)}, or renew more often.`,
  );
}
