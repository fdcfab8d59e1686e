// The clock of a chain: offsets and times must rise together, whatever happens to the wall clock. It follows the wall
// clock as long as that goes forward. After a jump back, it runs at half the speed until the two meet again, so that
// times stay in order and distinct.
import type { Clock } from "../../base/clock.ts";

export class StreamClock {
  readonly #clock: Clock;
  #lastMs: number;
  #lastMonotonicMs: number;

  /** Never before `startMs`, milliseconds since the epoch: the end of the chain so far. */
  constructor(clock: Clock, startMs: number) {
    this.#clock = clock;
    this.#lastMs = startMs;
    this.#lastMonotonicMs = clock.monotonicMs();
  }

  /** Whole milliseconds since the epoch. */
  nowMs(): number {
    const monotonicMs = this.#clock.monotonicMs();
    const slowed = this.#lastMs + (monotonicMs - this.#lastMonotonicMs) / 2;
    this.#lastMs = Math.max(this.#clock.nowMs(), slowed);
    this.#lastMonotonicMs = monotonicMs;
    return Math.floor(this.#lastMs);
  }
}
