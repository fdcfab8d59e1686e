// Makes a server refuse the writes of all its clients while a restore works on it: `min-replicas-to-write` with a number of
// replicas that no server has. Reads and replication go on. The number is the mark of the restore that has set it: as long
// as it is there, nothing was written to the server since.
import { randomInt } from "node:crypto";
import { address } from "../../base/endpoint.ts";
import { overOneConnection, waitFor } from "../../base/wait.ts";
import type { Connection } from "../../falkordb/client/connection.ts";

const markMin = 1_000_000_000;
/** The mark of a restore into an empty server; those in place have a smaller one each. */
export const restoreMark = 2_000_000_000;
const drainTimeoutMs = 60_000;
const settings = ["min-replicas-to-write", "min-replicas-max-lag"] as const;
/** Queries that GRAPH.INFO lists. */
const lists = ["# Running queries", "# Waiting queries"];
/** The server checks nothing where the lag is 0. */
const lag = "10";

/** The two settings as they were. */
export type GateSettings = readonly [replicas: string, lag: string];
/** The server's defaults. */
export const openGateSettings: GateSettings = ["0", lag];
/** Only where the target is a replica, so that no write of a client can be running. */
export const closedGate: readonly [string, ...string[]] = gateCommand([String(restoreMark), lag]);

export function newMark(): number {
  return markMin + randomInt(markMin);
}

export async function gateSettings(connection: Connection): Promise<GateSettings> {
  const [replicas, maxLag] = settings;
  const flat = (await connection.command("CONFIG", "GET", replicas, maxLag)) as string[];
  const valueOf = (name: string): string => flat[flat.indexOf(name) + 1] ?? "0";
  return [valueOf(replicas), valueOf(maxLag)];
}

/** The mark of the restore that refuses the writes of this server; undefined where none does. */
export async function markOf(connection: Connection): Promise<number | undefined> {
  const [replicas] = await gateSettings(connection);
  return Number(replicas) >= markMin ? Number(replicas) : undefined;
}

/** The mark of another restore: what such a server holds is that one's to change. */
export async function markOfAnother(connection: Connection, mark: number): Promise<number | undefined> {
  const found = await markOf(connection);
  return found === mark ? undefined : found;
}

/** Resolves when no write is running any more, and none can begin. */
export async function closeGate(connection: Connection, mark: number, signal: AbortSignal): Promise<void> {
  await connection.command(...gateCommand([String(mark), lag]));
  const isDrained = async (): Promise<true | undefined> => {
    const reply = (await connection.command("GRAPH.INFO")) as unknown[];
    // Each name is followed by its list.
    return lists.every((name) => (reply[reply.indexOf(name) + 1] as unknown[]).length === 0) || undefined;
  };
  const what = `the queries that are running on ${address(connection.endpoint)} to end`;
  await waitFor(overOneConnection(isDrained), { what, timeoutMs: drainTimeoutMs, exit: "environment", signal });
}

export async function openGate(connection: Connection, gate: GateSettings): Promise<void> {
  await connection.command(...gateCommand(gate));
}

export function gateCommand([replicas, maxLag]: GateSettings): readonly [string, ...string[]] {
  return ["CONFIG", "SET", settings[0], replicas, settings[1], maxLag];
}

/** How many commands this server has refused so far because of too few replicas. */
export async function refusedWrites(connection: Connection): Promise<number> {
  const text = (await connection.info("errorstats"))["errorstat_NOREPLICAS"] ?? "";
  return Number(/\d+/.exec(text)?.[0] ?? 0);
}
