// Undoes a failed restore over the wire, wherever the target can still be reached. It was empty when the restore began,
// and took writes from no other client while it was our replica, so everything in it is ours to remove. What a restore in
// place has replaced is left to that, which knows what to put there (in-place/).
import { address, type Endpoint } from "../../base/endpoint.ts";
import { overOneConnection, waitFor } from "../../base/wait.ts";
import { connect } from "../../falkordb/client/connection.ts";
import { setLimits } from "../../falkordb/client/result-limits.ts";
import { emptied, wayOut } from "./left-restore.ts";
import type { TargetFacts } from "./restore-target.ts";
import { markOf, restoreMark } from "./write-gate.ts";

const connectTimeoutMs = 5000;
const answerTimeoutMs = 60_000;
/** How long to wait while the target is loading, when it accepts no commands. */
const loadingTimeoutMs = 10_000;

export interface Undone {
  /** True if nothing is left on the target that the user has to remove. */
  readonly isClean: boolean;
  /** The state of the target, and how to clean it up where something is left. */
  readonly words: string;
}

/** Uses a new connection, as the old one may be what broke. */
export async function undoRestore(endpoint: Endpoint, facts: TargetFacts): Promise<Undone> {
  const where = address(endpoint);
  try {
    const limits = { timeoutMs: connectTimeoutMs, commandTimeoutMs: answerTimeoutMs, name: "falkordrill-restore" };
    await using connection = await connect(endpoint, limits);
    // A restarted server holds what its own files say, and nothing of ours.
    if ((await connection.info("server"))["run_id"] !== facts.runId)
      return { isClean: true, words: `${where} was restarted since, so it is not a replica of this restore any more` };
    const isLoaded = async (): Promise<true | undefined> =>
      (await connection.info("persistence"))["loading"] === "0" || undefined;
    const what = `${where} to end its load`;
    await waitFor(overOneConnection(isLoaded), { what, timeoutMs: loadingTimeoutMs, exit: "notRecovered" });
    const [, masterauth = ""] = (await connection.command("CONFIG", "GET", "masterauth")) as string[];
    const isOurs = masterauth.startsWith(facts.mark);
    const isReplica = (await connection.info("replication"))["role"] === "slave";
    if (!isOurs)
      return isReplica
        ? left(endpoint, facts)
        : { isClean: true, words: `${where} is a primary, and nothing was undone` };
    if (facts.isReplaced) await connection.command("REPLICAOF", "NO", "ONE");
    else if (!isReplica && (await markOf(connection)) !== restoreMark) return left(endpoint, facts);
    else if (!(await emptied(connection, facts.gate))) return left(endpoint, facts);
    await connection.command("CONFIG", "SET", "masterauth", facts.masterauth);
    await setLimits(connection, facts.limits);
    const state = facts.isReplaced ? "a primary again" : "empty again and a primary, as before";
    return { isClean: true, words: `${where} is ${state}` };
  } catch {
    return left(endpoint, facts);
  }
}

function left(endpoint: Endpoint, facts: TargetFacts): Undone {
  const words =
    `${address(endpoint)} could not be cleaned up: if it is running, it may still be a replica of this process or refuse writes, and hold part of ` +
    `the backup. ${wayOut(endpoint, facts)}`;
  return { isClean: false, words };
}
