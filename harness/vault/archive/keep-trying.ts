// Retries what a failing source or vault refuses, with growing delays, until it succeeds or the time is over.
import type { Clock } from "../../base/clock.ts";
import { environmentError, explanationOf, errorMessage } from "../../base/errors.ts";
import { pace } from "../../base/timer.ts";
import { formatDuration } from "../../base/units.ts";

const retryMs = 200;
const retryMsMax = 5000;

export interface TryingOptions {
  readonly giveUpMs: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Called with the reason when the first attempt fails. */
  readonly note: (line: string) => void;
}

/** A started attempt is always awaited: it may take longer than the retry interval, and leaves resources behind. */
export async function keepTrying(what: string, work: () => Promise<void>, options: TryingOptions): Promise<void> {
  const { giveUpMs, clock, signal, note } = options;
  const startedMs = clock.monotonicMs();
  for (let attempt = 1; ; attempt++) {
    signal.throwIfAborted();
    let failure: unknown;
    try {
      return await work();
    } catch (error) {
      // Retrying does not help against a programming error.
      if (signal.aborted || error instanceof TypeError || error instanceof ReferenceError) throw error;
      failure = error;
    }
    const triedMs = clock.monotonicMs() - startedMs;
    if (triedMs >= giveUpMs)
      throw environmentError(
        `${what} did not succeed within ${formatDuration(triedMs)}: ${errorMessage(failure)}`,
        "See what the first failure says; the vault keeps what it has, and the next run continues from there.",
        failure,
      );
    if (attempt === 1) note(`${explanationOf(failure)}; trying again for ${formatDuration(giveUpMs)}`);
    await pace(Math.min(retryMsMax, Math.max(retryMs, triedMs / 50)), signal);
  }
}
