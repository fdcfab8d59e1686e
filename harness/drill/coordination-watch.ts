// Notes when writes stood still, on the clock of the history. The cut lies between the answer of the pause and the
// sending of the resume; whoever drives the coordinator, the drill sees it here.
import { systemClock } from "../base/clock.ts";
import type { WriteCoordinator } from "../service/coordinator.ts";
import type { Cut } from "../workload/expected-writes.ts";

export class CoordinationWatch implements WriteCoordinator {
  readonly #coordinator: WriteCoordinator;
  #pausedMs: number | undefined;
  #resumedMs: number | undefined;

  constructor(coordinator: WriteCoordinator) {
    this.#coordinator = coordinator;
  }

  async pause(options: Parameters<WriteCoordinator["pause"]>[0]): ReturnType<WriteCoordinator["pause"]> {
    this.#pausedMs = undefined;
    this.#resumedMs = undefined;
    const lease = await this.#coordinator.pause(options);
    this.#pausedMs = systemClock.monotonicMs();
    return lease;
  }

  async resume(leaseId: string): Promise<void> {
    const sentMs = systemClock.monotonicMs();
    // A resume that fails says that the lease was lost: writes may have run inside the pause, so there is no such cut.
    await this.#coordinator.resume(leaseId);
    this.#resumedMs ??= sentMs;
  }

  /** The last pause; undefined when the system did not pause writes, or never resumed them. */
  cut(): Cut | undefined {
    if (this.#pausedMs === undefined || this.#resumedMs === undefined) return undefined;
    return { fromMs: this.#pausedMs, toMs: this.#resumedMs };
  }
}
