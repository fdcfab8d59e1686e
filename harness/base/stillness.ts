// Whether a process that does not answer is busy or stands still for good.

/** How long a process has used hardly any processor time. */
export interface Stillness {
  /** Processor time used when it last did something; undefined where it cannot be seen. */
  readonly cpuMs: number | undefined;
  readonly ms: number;
}

/** Share of a processor that clocks ticking in an idle process still use. */
const idleShare = 0.02;
/** The kernel counts in ticks of ten milliseconds: one of them is no work. */
const tickMs = 10;
/** Threads that would go on if the machine let them (running, waiting for a disk), or that wait for input from a pipe. */
const isWorking = /^\d+ .* (?:[RD] |S (?:\w*pipe_(?:read|wait)|wait_for_partner|fifo_open))/;

export function stillnessAfter(before: Stillness, cpuMs: number | undefined, passedMs: number): Stillness {
  const ms = before.ms + passedMs;
  if (cpuMs === undefined || before.cpuMs === undefined) return { cpuMs, ms: 0 };
  return cpuMs - before.cpuMs > tickMs + idleShare * ms ? { cpuMs, ms: 0 } : { cpuMs: before.cpuMs, ms };
}

/** `threads` as the kernel shows them: id, name, state, where in the kernel it waits. */
export function someThreadWorks(threads: readonly string[]): boolean {
  return threads.some((thread) => isWorking.test(thread));
}
