import { readFileSync } from "node:fs";
import { defineFault, type FaultKind } from "../fault.ts";
import { notHere, processIdOf, startIfEnded } from "./engine-process.ts";
import { limitProcess, noPrlimit } from "./process-limits.ts";

const roomMaxMiB = 64;

export const engineAddressSpace: FaultKind = defineFault({
  name: "engine-address-space",
  about: "gives the server no more address space than it has, which ends it or its saving child where they need more",
  needs: ["server"],
  injected: "while-running",
  strengthOf: (draw) => ({ roomMiB: draw.below(roomMaxMiB) }),
  unavailable: async ({ server }) => notHere(server) ?? (await noPrlimit()),
  inject: async ({ server }, { roomMiB }, undo) => {
    if (server === undefined) return () => ({ fired: false });
    const pid = await processIdOf(server);
    undo.defer(() => startIfEnded(server, pid));
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    const bytes = Number(/^VmSize:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024 + roomMiB * 2 ** 20;
    return await limitProcess(pid, "as", String(bytes), undo);
  },
});
