// A coordinator that remembers when it paused and resumed, on the clock of the history: that is where the cut of a
// coordinated backup lies, whatever the backup system says about it.
import { type Clock, systemClock } from "../base/clock.ts";
import type { WriteCoordinator } from "./coordinator.ts";

export interface RecordedPause {
  readonly askedMs: number;
  /** When the pause was answered: every write acknowledged by then is stored. */
  readonly answeredMs: number;
  /** When the resume was sent: no write was admitted before. Undefined when the lease had to run out. */
  readonly resumeSentMs: number | undefined;
  /** False when the lease was lost: writes may have run inside the pause. */
  readonly held: boolean;
  readonly drainMs: number;
}

export interface RecordedCoordinator extends WriteCoordinator {
  readonly pauses: readonly RecordedPause[];
}

export function recordPauses(coordinator: WriteCoordinator, clock: Clock = systemClock): RecordedCoordinator {
  const pauses: RecordedPause[] = [];
  const open = new Map<string, number>();
  return {
    pauses,
    pause: async (options) => {
      const askedMs = clock.monotonicMs();
      const lease = await coordinator.pause(options);
      open.set(lease.id, pauses.length);
      const answeredMs = clock.monotonicMs();
      pauses.push({ askedMs, answeredMs, resumeSentMs: undefined, held: false, drainMs: lease.drainMs });
      return lease;
    },
    resume: async (leaseId) => {
      const resumeSentMs = clock.monotonicMs();
      await coordinator.resume(leaseId);
      const index = open.get(leaseId) ?? -1;
      const pause = pauses[index];
      if (pause !== undefined) pauses[index] = { ...pause, resumeSentMs, held: true };
    },
  };
}
