// What a source or a vault in trouble refuses is tried again, ever more rarely, until it works or is given up.
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
  /** Hears why the first attempt came to nothing. */
  readonly note: (line: string) => void;
}

/** An attempt that has begun is never left alone: it may take longer than attempts are made, and leaves things behind. */
export async function keepTrying(what: string, work: () => Promise<void>, options: TryingOptions): Promise<void> {
  const { giveUpMs, clock, signal, note } = options;
  const startedMs = clock.monotonicMs();
  for (let attempt = 1; ; attempt++) {
    signal.throwIfAborted();
    let failure: unknown;
    try {
      return await work();
    } catch (error) {
      // A mistake in the program does not go away by trying again.
      if (signal.aborted || error instanceof TypeError || error instanceof ReferenceError) throw error;
      failure = error;
    }
    const triedMs = clock.monotonicMs() - startedMs;
    if (triedMs >= giveUpMs)
      throw environmentError(
        `${what} did not succeed within ${formatDuration(triedMs)}: ${errorMessage(failure)}`,
        "See what the first failure says; the vault keeps what it has, and the next archive goes on from there.",
        failure,
      );
    if (attempt === 1) note(`${explanationOf(failure)}; trying again for ${formatDuration(giveUpMs)}`);
    await pace(Math.min(retryMsMax, Math.max(retryMs, triedMs / 50)), signal);
  }
}
