// Measures the phases of one operation. Phases may overlap, so each has its own start.
import { type Clock, systemClock } from "./clock.ts";

export class PhaseTimer {
  readonly #clock: Clock;
  readonly #startedMs: number;
  readonly #phases: Phase[] = [];

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
    this.#startedMs = clock.monotonicMs();
  }

  elapsedMs(): number {
    return this.#clock.monotonicMs() - this.#startedMs;
  }

  async during<T>(name: string, work: () => Promise<T>, bytes?: (result: T) => number | undefined): Promise<T> {
    const startMs = this.elapsedMs();
    const result = await work();
    this.add(name, startMs, bytes?.(result));
    return result;
  }

  /** Adds a phase that began at `startMs` and ends now. */
  add(name: string, startMs: number, bytes?: number): void {
    this.#phases.push({ name, startMs, ms: this.elapsedMs() - startMs, ...(bytes === undefined ? {} : { bytes }) });
  }

  all(): readonly Phase[] {
    return [...this.#phases].sort((a, b) => a.startMs - b.startMs);
  }
}

/** Duration of one phase in milliseconds, and the bytes it processed. Phases may overlap. */
export interface Phase {
  readonly name: string;
  /** Start relative to the start of the operation. */
  readonly startMs: number;
  readonly ms: number;
  readonly bytes?: number;
}
