// Decides whether a process that does not answer is busy or hangs.

/** Time for which a process has used hardly any processor time. */
export interface Stillness {
  /** Processor time at the last activity; undefined where it is unknown. */
  readonly cpuMs: number | undefined;
  readonly ms: number;
}

/** Share of a processor that the timers of an idle process still use. */
const idleShare = 0.02;
/** The kernel counts in ticks of ten milliseconds: a single one does not count as work. */
const tickMs = 10;
/** Matches threads that are runnable, wait for a disk, or wait for input from a pipe. */
const isWorking = /^\d+ .* (?:[RD] |S (?:\w*pipe_(?:read|wait)|wait_for_partner|fifo_open))/;

export function stillnessAfter(before: Stillness, cpuMs: number | undefined, passedMs: number): Stillness {
  const ms = before.ms + passedMs;
  if (cpuMs === undefined || before.cpuMs === undefined) return { cpuMs, ms: 0 };
  return cpuMs - before.cpuMs > tickMs + idleShare * ms ? { cpuMs, ms: 0 } : { cpuMs: before.cpuMs, ms };
}

/** `threads` as the kernel shows them: id, name, state, kernel wait channel. */
export function someThreadWorks(threads: readonly string[]): boolean {
  return threads.some((thread) => isWorking.test(thread));
}
