// Limits the rate at which the snapshot is read. A backup takes processor time from the engine and its writers: the
// fork that sends, and the threads that compress and encrypt. A slower read takes longer and costs them less; the
// server waits for a slow reader.
import { type Clock, systemClock } from "../../base/clock.ts";
import { pace } from "../../base/timer.ts";
import type { PartSource } from "./write-parts.ts";

export interface ThrottleOptions {
  readonly bytesPerSecond: number;
  readonly signal: AbortSignal;
  readonly clock?: Clock;
}

/** Does not limit without a rate. Time lost elsewhere, such as to a slow vault, is not made up for. */
export function throttled(source: PartSource, options: ThrottleOptions | undefined): PartSource {
  if (options === undefined) return source;
  const { bytesPerSecond, signal, clock = systemClock } = options;
  let dueMs = clock.monotonicMs();
  return {
    get bytes() {
      return source.bytes;
    },
    read: async (block) => {
      await pace(dueMs - clock.monotonicMs(), signal);
      const startMs = clock.monotonicMs();
      const bytes = await source.read(block);
      dueMs = Math.max(dueMs, startMs) + (bytes * 1000) / bytesPerSecond;
      return bytes;
    },
  };
}
