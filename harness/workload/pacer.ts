// Schedules the writes of several writers that share a profile, through the service and directly on the engine alike.
import type { Clock } from "../base/clock.ts";
import { pace } from "../base/timer.ts";
import { dueAt, dueWithin, type Reach, type WriteProfile } from "./write-profile.ts";

/** Writers that started together and take the writes of one profile in turn. */
export class SharedPace {
  readonly #clock: Clock;
  readonly #profile: WriteProfile;
  readonly #writers: number;
  readonly #startMs: number;
  readonly #heldMs: number[];

  constructor(profile: WriteProfile, writers: number, clock: Clock) {
    this.#profile = profile;
    this.#writers = writers;
    this.#clock = clock;
    this.#startMs = clock.monotonicMs();
    this.#heldMs = Array.from({ length: writers }, () => 0);
  }

  /** Resolves when this writer's next write is due; an overdue one is due at once, so that the writer catches up. */
  async due(writer: number, sequence: number, stop: AbortSignal): Promise<void> {
    const dueMs = this.#startMs + this.#heldOf(writer) + dueAt(this.#profile, sequence * this.#writers + writer);
    await pace(dueMs - this.#clock.monotonicMs(), stop);
  }

  /** Shifts this writer's schedule by a pause that held it, so that it does not catch up on the pause. */
  held(writer: number, ms: number): void {
    this.#heldMs[writer] = this.#heldOf(writer) + ms;
  }

  /** How well the profile has been kept so far, without the time in which writers were held. */
  reach(acked: number): Reach {
    const heldMs = this.#heldMs.reduce((sum, ms) => sum + ms, 0) / this.#writers;
    const elapsedMs = Math.max(0, this.#clock.monotonicMs() - this.#startMs - heldMs);
    return { elapsedMs, due: dueWithin(this.#profile, elapsedMs), acked };
  }

  #heldOf(writer: number): number {
    return this.#heldMs[writer] ?? 0;
  }
}
