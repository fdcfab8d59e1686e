// The process of a server, for the faults that act upon it.
import { isRunning, startTimeOf } from "../../base/proc-stat.ts";
import type { Engine } from "../../engine/engine.ts";
import { connect } from "../../falkordb/client/connection.ts";

const answerTimeoutMs = 2000;

/** Returns the process id that the server reports; in a container it is the one inside. */
export async function processIdOf(server: Pick<Engine, "endpoint">): Promise<number> {
  await using connection = await connect(server.endpoint, {
    timeoutMs: answerTimeoutMs,
    commandTimeoutMs: answerTimeoutMs,
  });
  return Number((await connection.info("server"))["process_id"]);
}

/** Why a server may not be killed or stopped; undefined if it may. */
export function notOwned(server: Engine | undefined): string | undefined {
  return server?.kind === "external" ? "the server was not started by the drill" : undefined;
}

/** Why its process cannot be reached from here; undefined if it can. */
export function notHere(server: Engine | undefined): string | undefined {
  if (process.platform !== "linux") return "limits of a running process need Linux";
  return server?.kind === "embedded" ? undefined : "the server is not a process of this machine that the drill started";
}

/** Starts it again where it has ended, on its own files. */
export async function startIfEnded(server: Engine, pid: number): Promise<void> {
  if (!isRunning(pid)) await server.restart();
}

/** A process that is still the one with this start time. */
export function isSame(pid: number, startTime: string): boolean {
  return isRunning(pid) && startTimeOf(pid) === startTime;
}
