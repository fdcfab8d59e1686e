import { isRunning } from "../../base/proc-stat.ts";
import { defineFault, type FaultKind } from "../fault.ts";
import { notOwned, processIdOf } from "./engine-process.ts";

export const killEngine: FaultKind = defineFault({
  name: "kill-engine",
  about: "kills the server (SIGKILL); it comes back with what its files hold",
  needs: ["server"],
  injected: "while-running",
  strengthOf: () => ({}),
  unavailable: ({ server }) => notOwned(server),
  inject: async ({ server }, _, undo) => {
    if (server === undefined) return () => ({ fired: false });
    const pid = await processIdOf(server);
    undo.defer(() => server.restart());
    await server.kill();
    // In a container the process has another number, and its engine has waited for its end.
    const fired = server.kind !== "embedded" || !isRunning(pid);
    return () => ({ fired, detail: { pid } });
  },
});
