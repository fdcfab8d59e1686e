// The one place where the program reads a clock, so that everything else can be given a fake one.

export interface Clock {
  /** Milliseconds since the epoch, for timestamps that people read. */
  nowMs(): number;
  /** Milliseconds of a clock that never jumps, for durations. */
  monotonicMs(): number;
}

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
};
