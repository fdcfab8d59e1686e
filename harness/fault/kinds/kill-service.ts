import { isRunning } from "../../base/proc-stat.ts";
import { defineFault, type FaultKind } from "../fault.ts";

export const killService: FaultKind = defineFault({
  name: "kill-service",
  about: "kills the graph service in front of the server (SIGKILL), which starts again at the same address",
  needs: ["service"],
  injected: "while-running",
  strengthOf: () => ({}),
  inject: async ({ service }, _, undo) => {
    if (service === undefined) return () => ({ fired: false });
    const { pid } = service;
    undo.defer(() => service.restart());
    await service.kill();
    const fired = !isRunning(pid);
    return () => ({ fired, detail: { pid } });
  },
});
