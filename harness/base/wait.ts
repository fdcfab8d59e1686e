// The only way to wait: for a named condition, with a deadline and a signal. Never a sleep as synchronisation.
import { setTimeout as delay } from "node:timers/promises";
import { type Clock, systemClock } from "./clock.ts";
import { endedBy, reasonOf } from "./deadline.ts";
import { DrillError, type ExitReason, errorMessage, errorOf } from "./errors.ts";

export interface WaitOptions {
  /** The awaited condition, which completes "timed out waiting for ...". */
  readonly what: string;
  readonly timeoutMs: number;
  /** Interval between calls at the start. */
  readonly intervalMs?: number;
  /** Maximum to which the interval grows with the time waited, for probes that are expensive for the server. */
  readonly intervalMaxMs?: number;
  /** Ends the wait with its reason. */
  readonly signal?: AbortSignal | undefined;
  readonly clock?: Clock;
  /** Exit reason when the deadline passes; by default it counts as an internal error. */
  readonly exit?: ExitReason;
}

/**
 * Calls `probe` until it returns something other than undefined. A probe that throws counts as "not yet", and the last
 * error is named when the deadline passes; a bug in this program is thrown at once. The deadline also ends a probe
 * that does not answer. Throws `DrillError` with `exit`, or the reason of `signal`.
 */
export async function waitFor<T>(
  probe: () => Promise<T | undefined> | T | undefined,
  options: WaitOptions,
): Promise<T> {
  const {
    what,
    timeoutMs,
    intervalMs = 20,
    intervalMaxMs = intervalMs,
    signal,
    clock = systemClock,
    exit = "internal",
  } = options;
  const startedMs = clock.monotonicMs();
  // In real time even with a fake `clock`, which would never advance while a probe hangs.
  const deadline = AbortSignal.timeout(Math.min(Math.ceil(timeoutMs), timeoutMsMax));
  const ended = signal === undefined ? deadline : AbortSignal.any([signal, deadline]);
  let lastError: unknown;
  for (;;) {
    throwIfAborted(signal);
    let found: T | undefined;
    try {
      found = await endedBy(Promise.resolve(probe()), ended, 0);
      lastError = undefined;
    } catch (error) {
      if (error instanceof FatalProbeError) throw error.cause;
      throwIfAborted(signal);
      if (isFaultOfOurs(error)) throw error;
      lastError = deadline.aborted && error === deadline.reason ? new Error("the last attempt has no answer") : error;
    }
    if (found !== undefined) return found;
    const waitedMs = clock.monotonicMs() - startedMs;
    if (waitedMs >= timeoutMs || deadline.aborted) {
      const why = lastError === undefined ? "" : ` (last error: ${errorMessage(lastError)})`;
      const message = `timed out after ${Math.round(waitedMs)} ms waiting for ${what}${why}`;
      throw new DrillError(message, { exit, cause: lastError });
    }
    // A fiftieth of the time waited: the end is noticed at most 2 % late.
    const pauseMs = Math.min(intervalMaxMs, Math.max(intervalMs, waitedMs / 50));
    await delay(pauseMs, undefined, signal === undefined ? {} : { signal }).catch(() => {});
  }
}

function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw reasonOf(signal);
}

/** Maximum of `setTimeout`: 24 days. */
const timeoutMsMax = 2 ** 31 - 1;

/** A bug in this program is not retried. (fetch reports a lost connection as a TypeError with a cause.) */
function isFaultOfOurs(error: unknown): boolean {
  if (error instanceof ReferenceError || error instanceof SyntaxError) return true;
  return error instanceof TypeError && error.cause === undefined;
}

/** Thrown by a probe to end the wait at once with the given error, for example when the awaited process has crashed. */
export class FatalProbeError extends Error {
  override readonly name = "FatalProbeError";
  constructor(cause: Error) {
    super(cause.message, { cause });
  }
}

/** A probe over one connection: when that is lost or the server refuses, asking again changes nothing, and its error ends the wait. */
export function overOneConnection<T>(probe: () => Promise<T>): () => Promise<T> {
  return () =>
    probe().catch((error: unknown) => {
      throw new FatalProbeError(errorOf(error));
    });
}
