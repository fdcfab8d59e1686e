// Records when writes were paused, on the history clock. The cut lies between the answer of the pause and the sending
// of the resume; whichever code drives the coordinator, the drill observes it here.
import { systemClock } from "../../base/clock.ts";
import type { WriteCoordinator } from "../../service/coordinator.ts";
import type { Span } from "../../check/history/moment.ts";
import type { AskedPause } from "../../workload/history/judge-pause.ts";

export class CoordinationWatch implements WriteCoordinator {
  readonly #coordinator: WriteCoordinator;
  readonly #asked: AskedPause[] = [];
  readonly #leases = new Map<string, number>();

  constructor(coordinator: WriteCoordinator) {
    this.#coordinator = coordinator;
  }

  async pause(options: Parameters<WriteCoordinator["pause"]>[0]): ReturnType<WriteCoordinator["pause"]> {
    const askedMs = systemClock.monotonicMs();
    const at = this.#asked.length;
    this.#asked.push({ askedMs, leaseMs: options.leaseMs, givenMs: null, resumeSentMs: null, resumedMs: null });
    const lease = await this.#coordinator.pause(options);
    this.#leases.set(lease.id, at);
    this.#note(at, { givenMs: systemClock.monotonicMs() });
    return lease;
  }

  async resume(leaseId: string): Promise<void> {
    const resumeSentMs = systemClock.monotonicMs();
    // A failed resume means that the lease was lost: writes may have run inside the pause, so it bounds no cut.
    await this.#coordinator.resume(leaseId);
    const at = this.#leases.get(leaseId);
    if (at === undefined || this.#asked[at]?.resumedMs !== null) return;
    this.#note(at, { resumeSentMs, resumedMs: systemClock.monotonicMs() });
  }

  /** The last pause; undefined if the system did not pause writes, or never resumed them. */
  cut(): Span | undefined {
    const { givenMs = null, resumeSentMs = null } = this.#asked.at(-1) ?? {};
    return givenMs === null || resumeSentMs === null ? undefined : { fromMs: givenMs, toMs: resumeSentMs };
  }

  /** Every pause requested from then on. */
  askedSince(fromMs: number): readonly AskedPause[] {
    return this.#asked.filter(({ askedMs }) => askedMs >= fromMs);
  }

  #note(at: number, change: Partial<AskedPause>): void {
    const pause = this.#asked[at];
    if (pause !== undefined) this.#asked[at] = { ...pause, ...change };
  }
}
