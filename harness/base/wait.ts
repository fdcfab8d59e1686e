// The only way to wait: for a named condition, with a deadline. Never a sleep as synchronisation.
import { setTimeout as delay } from "node:timers/promises";
import { type Clock, systemClock } from "./clock.ts";
import { DrillError, type ExitReason, messageOf } from "./errors.ts";

export interface WaitOptions {
  /** What is awaited, as it completes "waited for ...". */
  readonly what: string;
  readonly timeoutMs: number;
  /** Between two calls at the start. */
  readonly intervalMs?: number;
  /** Up to which the interval grows with the time waited, for probes that cost the one who is asked. */
  readonly intervalMaxMs?: number;
  readonly signal?: AbortSignal | undefined;
  readonly clock?: Clock;
  readonly exit?: ExitReason;
}

/**
 * Calls `probe` until it gives something other than undefined. A probe that throws counts as "not yet", and the
 * last error is named when the deadline passes.
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
    exit = "notRecovered",
  } = options;
  const startedMs = clock.monotonicMs();
  let lastError: unknown;
  for (;;) {
    signal?.throwIfAborted();
    try {
      const found = await probe();
      if (found !== undefined) return found;
      lastError = undefined;
    } catch (error) {
      if (error instanceof FatalProbeError) throw error.cause;
      lastError = error;
    }
    const waitedMs = clock.monotonicMs() - startedMs;
    if (waitedMs >= timeoutMs) {
      const why = lastError === undefined ? "" : ` (last error: ${messageOf(lastError)})`;
      throw new DrillError(`waited ${Math.round(waitedMs)} ms for ${what}, in vain${why}`, { exit, cause: lastError });
    }
    // A fiftieth of the time waited: the end is noticed at most 2 % late.
    await delay(
      Math.min(intervalMaxMs, Math.max(intervalMs, waitedMs / 50)),
      undefined,
      signal === undefined ? {} : { signal },
    );
  }
}

/** Thrown by a probe to end the wait at once with the error given, for example when the process awaited has died. */
export class FatalProbeError extends Error {
  override readonly name = "FatalProbeError";
  constructor(cause: Error) {
    super(cause.message, { cause });
  }
}
