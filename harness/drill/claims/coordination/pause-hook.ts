// A coordinator that runs a hook when writes have just been paused, before the backup is informed.
import type { WriteCoordinator } from "../../../service/coordinator.ts";

export function whenPaused(coordinator: WriteCoordinator, paused: () => Promise<void>): WriteCoordinator {
  return {
    pause: async (options) => {
      const lease = await coordinator.pause(options);
      await paused();
      return lease;
    },
    resume: (leaseId) => coordinator.resume(leaseId),
  };
}
