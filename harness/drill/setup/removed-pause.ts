// A pause that is acknowledged but holds no writer: given to a system when coordination is broken on purpose, to check
// that a drill notices.
import { systemClock } from "../../base/clock.ts";
import type { WriteCoordinator } from "../../service/coordinator.ts";

export function removedPause(): WriteCoordinator {
  return {
    pause: ({ leaseMs }) =>
      Promise.resolve({
        id: "removed",
        expiresAt: new Date(systemClock.nowMs() + leaseMs).toISOString(),
        drainMs: 0,
      }),
    resume: () => Promise.resolve(),
  };
}
