import { readdirSync } from "node:fs";
import { isRunning } from "../../base/proc-stat.ts";
import { defineFault, type FaultKind, type FaultProof } from "../fault.ts";
import { notHere, processIdOf } from "./engine-process.ts";
import { limitProcess, noPrlimit } from "./process-limits.ts";

/** File descriptors that it may open beyond those that it has. */
const moreMax = 4;

export const engineDescriptors: FaultKind = defineFault({
  name: "engine-descriptors",
  about: "leaves the server next to no file descriptors, so that it accepts few connections and opens few files",
  needs: ["server"],
  injected: "while-running",
  strengthOf: (draw) => ({ more: draw.below(moreMax) }),
  unavailable: async ({ server }) => notHere(server) ?? (await noPrlimit()),
  inject: async ({ server }, { more }, undo) =>
    await withFew(server === undefined ? undefined : await processIdOf(server), more, undo),
});

export const commandDescriptors: FaultKind = defineFault({
  name: "command-descriptors",
  about: "leaves the process of the command next to no file descriptors",
  needs: ["command"],
  injected: "while-running",
  strengthOf: (draw) => ({ more: draw.below(moreMax) }),
  unavailable: () => noPrlimit(),
  inject: ({ command }, { more }, undo) => withFew(command?.pid(), more, undo),
});

async function withFew(pid: number | undefined, more: number, undo: AsyncDisposableStack): Promise<FaultProof> {
  if (pid === undefined || !isRunning(pid)) return () => ({ fired: false });
  // A limit is a highest number, and each new file takes the lowest that is free.
  const taken = new Set(readdirSync(`/proc/${pid}/fd`).map(Number));
  let limit = 0;
  for (let free = 0; taken.has(limit) || free < more; limit += 1) if (!taken.has(limit)) free += 1;
  return await limitProcess(pid, "nofile", String(limit), undo);
}
