// The only place where the program reads a clock, so that tests can pass a fake one.

export interface Clock {
  /** Milliseconds since the epoch, for timestamps that people read. */
  nowMs(): number;
  /** Milliseconds of a clock that never jumps, for durations; the same in all processes of this machine. */
  monotonicMs(): number;
}

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  // Not performance.now(), which counts from the start of each process: a history is written by several.
  monotonicMs: () => Number(process.hrtime.bigint()) / 1e6,
};
