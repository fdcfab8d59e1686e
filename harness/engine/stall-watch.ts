// FalkorDB 4.16 can stop for ever while it loads: its main thread and its indexing thread wait for each other (seen once
// in 307 loads with DELAY_INDEXING on a busy machine). Such a server lives, accepts connections and answers nothing; what
// tells it from a slow one is that it uses no processor time at all.
import { type Clock, systemClock } from "../base/clock.ts";
import { DrillError } from "../base/errors.ts";

/** Long beside any pause of a working server, short beside a deadline. */
const stallMsDefault = 20_000;

export class EngineStalledError extends DrillError {
  override readonly name = "EngineStalledError";
}

export interface StallWatchOptions {
  /** As messages name the engine. */
  readonly name: string;
  /** Processor time that the server has used so far; undefined where nobody can tell. */
  readonly cpuMs: () => number | undefined;
  readonly stallMs?: number;
  readonly clock?: Clock;
}

/** Gives a look: undefined while the server works, the error once it has stood still for too long. */
export function stallWatch(options: StallWatchOptions): () => EngineStalledError | undefined {
  const { name, cpuMs, stallMs = stallMsDefault, clock = systemClock } = options;
  let usedMs = cpuMs();
  let sinceMs = clock.monotonicMs();
  return () => {
    const nowMs = clock.monotonicMs();
    const used = cpuMs();
    if (used === undefined || used !== usedMs) {
      usedMs = used;
      sinceMs = nowMs;
      return undefined;
    }
    if (nowMs - sinceMs < stallMs) return undefined;
    const seconds = Math.round((nowMs - sinceMs) / 1000);
    return new EngineStalledError(
      `${name} stalled before it was ready: it has used no processor time for ${seconds} s`,
      {
        exit: "notRecovered",
        hint: "A deadlock in FalkorDB; start it again, and if it stays so, without DELAY_INDEXING.",
      },
    );
  };
}
