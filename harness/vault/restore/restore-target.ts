// The server that a restore over the wire goes into: the conditions before it is touched, and those when it is handed
// over. It is made a replica of this process in between, and its `masterauth` records that: the next restore recognises
// a killed one by it, and knows how to recover the server.
import { randomBytes } from "node:crypto";
import { address } from "../../base/endpoint.ts";
import { DrillError, environmentError, errorMessage, usageError } from "../../base/errors.ts";
import { formatBytes } from "../../base/units.ts";
import { waitFor } from "../../base/wait.ts";
import type { Engine } from "../../engine/engine.ts";
import { type Command, connect, type Connection } from "../../falkordb/client/connection.ts";
import { type Limit, readLimits, setLimits } from "../../falkordb/client/result-limits.ts";
import type { RestoreJob } from "./load-job.ts";
import { refuseTooSmallServer } from "./predict-room.ts";
import { mustBeAllowed } from "../needed-rights.ts";
import { asked } from "../backup/server-refusal.ts";

const markName = "falkordrill-restore";
/** The mark of a restore in place: what is on the server is not ours to remove. */
const markInPlace = "falkordrill-in-place";
/** Rights needed in addition to those of the examination itself. */
const neededRights = [
  "CLIENT INFO",
  "CONFIG SET",
  "EXISTS",
  "GRAPH.QUERY",
  "GRAPH.RO_QUERY",
  "REPLICAOF",
  "SCAN",
  "SELECT",
] as const;
const loadingTimeoutMs = 600_000;
const reconnectMs = 2500;
/**
 * A write that changes nothing and that a server refuses like any other: for a lack of memory, of replicas, of disk.
 */
const probe = ["SETRANGE", "falkordrill-probe", 0, ""] as const;

export interface TargetFacts {
  readonly runId: string;
  /** Whether it may hold data, and refuses the writes of its clients until the caller lets them in. */
  readonly isReplaced: boolean;
  /** Prefix of the password that makes the server a replica of ours. */
  readonly mark: string;
  readonly masterauth: string;
  readonly limits: readonly Limit[];
  readonly databases: number;
  readonly evicted: number;
  /** Folder where the server keeps the snapshot until it is loaded (`log` is the path of its log). */
  readonly folder: string;
  readonly log: string;
}

/** Refuses a target that a restore must not or cannot use, before anything of it is changed. */
export async function examineTarget(connection: Connection, job: RestoreJob): Promise<TargetFacts> {
  const where = address(connection.endpoint);
  await untilLoaded(connection, job);
  const config = await configOf(connection);
  const left = leftIn(config["masterauth"] ?? "");
  const isOurs = job.replace === undefined && (config["masterauth"] ?? "").startsWith(`${markName}:`);
  await refuseReplica(connection, left, isOurs, job);
  await mustBeAllowed(connection, neededRights);
  if (job.replace === undefined) await refuseUnlessEmpty(connection, left);
  // The killed restore may have undone everything but these limits and its mark.
  if (left !== undefined) await asked(connection, "CONFIG", releaseLeft(connection));
  refuseConfig(where, config, job);
  await refuseTooSmallServer(connection, job.memory);
  if (job.replace === undefined) await takesWrites(connection, "environment");
  const limits = await asked(connection, "GRAPH.CONFIG", readLimits(connection));
  return {
    runId: (await connection.info("server"))["run_id"] ?? "",
    isReplaced: job.replace !== undefined,
    mark: `${job.replace === undefined ? markName : markInPlace}:${limits.map((limit) => limit.join("=")).join(",")}:${randomBytes(8).toString("hex")}:`,
    masterauth: left === undefined ? (config["masterauth"] ?? "") : "",
    limits,
    databases: Number(config["databases"]),
    evicted: Number((await connection.info("stats"))["evicted_keys"]),
    folder: config["dir"] ?? "?",
    log: config["logfile"] ?? "",
  };
}

async function untilLoaded(connection: Connection, { progress, signal }: RestoreJob): Promise<void> {
  const where = address(connection.endpoint);
  const isLoaded = async (): Promise<true | undefined> =>
    (await asked(connection, "INFO", connection.info("persistence")))["loading"] === "1" ? undefined : true;
  if ((await isLoaded()) === true) return;
  progress.note(`${where} is still loading data of its own; waiting for it`);
  const what = `${where} to have loaded its own data`;
  await waitFor(isLoaded, { what, timeoutMs: loadingTimeoutMs, intervalMaxMs: 1000, exit: "environment", signal });
}

async function configOf(connection: Connection): Promise<Record<string, string>> {
  const names = ["masterauth", "maxmemory", "maxmemory-policy", "databases", "dir", "logfile", "tls-replication"];
  const flat = (await asked(connection, "CONFIG", connection.command("CONFIG", "GET", ...names))) as string[];
  return Object.fromEntries(flat.flatMap((name, at) => (at % 2 === 0 ? [[name, flat[at + 1] ?? ""]] : [])));
}

/** The limits that an earlier restore had lifted, where it has left its mark. */
function leftIn(masterauth: string): readonly Limit[] | undefined {
  const [name, limits = ""] = masterauth.split(":");
  if (name !== markName && name !== markInPlace) return undefined;
  return limits
    .split(",")
    .filter((text) => text !== "")
    .map((text): Limit => {
      const [limit = "", value] = text.split("=");
      return [limit, Number(value)];
    });
}

/** Restores the settings that a killed restore has left on a server which is a primary again. */
export async function releaseLeft(connection: Connection): Promise<void> {
  const [, masterauth = ""] = (await connection.command("CONFIG", "GET", "masterauth")) as string[];
  const left = leftIn(masterauth);
  if (left === undefined) return;
  await setLimits(connection, left);
  await connection.command("CONFIG", "SET", "masterauth", "");
}

/** The commands with which a user gets an empty server that is not a replica. */
export function wayOut(limits: readonly Limit[]): string {
  const given = limits.map(([name, value]) => `, GRAPH.CONFIG SET ${name} ${value}`).join("");
  return (
    "To make it an empty primary again, run on it with redis-cli: REPLICAOF NO ONE, FLUSHALL, FUNCTION FLUSH, " +
    `GRAPH.UDF FLUSH, CONFIG SET masterauth "" (or what it was before)${given}.`
  );
}

/** What undoes a restore: the server was empty before, and took writes from no other client. */
export const emptying: readonly Command[] = [["FLUSHALL"], ["FUNCTION", "FLUSH"], ["GRAPH.UDF", "FLUSH"]];

/** Refuses a replica, and empties one whose restore was killed. */
async function refuseReplica(
  connection: Connection,
  left: readonly Limit[] | undefined,
  isOurs: boolean,
  { progress, signal }: RestoreJob,
): Promise<void> {
  const where = address(connection.endpoint);
  const info = await connection.info("replication");
  if (info["role"] === "master") return;
  const master = `${info["master_host"] ?? "?"}:${info["master_port"] ?? "?"}`;
  if (left === undefined)
    throw usageError(
      `${where} is a replica of ${master}, and a restore needs a primary`,
      "Give another server, or end the replication first: REPLICAOF NO ONE.",
    );
  if (await isAtWork(connection, signal))
    throw usageError(`another restore, from ${master}, is at work on ${where}`, `Let it end. ${wayOut(left)}`);
  const what = `a restore that was killed has left ${where} as a replica of its process (${master})`;
  const emptied = async (): Promise<boolean> => {
    const replies = await connection.pipeline([["REPLICAOF", "NO", "ONE"], ...emptying]);
    return !replies.some((reply) => reply instanceof Error);
  };
  if (!isOurs || !(await emptied())) throw usageError(`${what}, maybe with part of a backup`, wayOut(left));
  progress.note(`${what}; it was emptied, and is a primary again`);
}

/** A server tries each second to reach the process whose replica it is. */
async function isAtWork(connection: Connection, signal: AbortSignal): Promise<boolean> {
  const hasLink = async (): Promise<true | undefined> => {
    const info = await connection.info("replication");
    return info["master_link_status"] === "up" || info["master_sync_in_progress"] === "1" || undefined;
  };
  const what = "another restore to show itself";
  return await waitFor(hasLink, { what, timeoutMs: reconnectMs, signal, exit: "usage" }).catch((error: unknown) => {
    if (!(error instanceof DrillError) || signal.aborted) throw error;
    return false;
  });
}

async function refuseUnlessEmpty(connection: Connection, left: readonly Limit[] | undefined): Promise<void> {
  const where = address(connection.endpoint);
  const keyspace = Object.keys(await connection.info("keyspace")).filter((name) => /^db\d+$/.test(name));
  const graphs = await asked(connection, "GRAPH.LIST", connection.graphs());
  const functions = await asked(connection, "FUNCTION", connection.command("FUNCTION", "LIST"));
  const libraries = await asked(connection, "GRAPH.UDF", connection.command("GRAPH.UDF", "LIST"));
  const held = [
    ...(graphs.length === 0 ? [] : [`${graphs.length} graph${graphs.length === 1 ? "" : "s"}`]),
    ...(keyspace.length === 0 ? [] : [`keys in ${keyspace.join(", ")}`]),
    ...(isEmpty(functions) ? [] : ["functions (FUNCTION LIST)"]),
    ...(isEmpty(libraries) ? [] : ["libraries of graph functions (GRAPH.UDF LIST)"]),
  ];
  if (held.length === 0) return;
  throw usageError(
    `${where} is not empty (${held.join(", ")}), and a restore would replace it all`,
    left === undefined
      ? "Restore into a new, empty server and point the application there."
      : `A restore that was killed may have left it. ${wayOut(left)}`,
  );
}

function isEmpty(reply: unknown): boolean {
  return Array.isArray(reply) && reply.length === 0;
}

function refuseConfig(where: string, config: Record<string, string>, { content }: RestoreJob): void {
  const { maxmemory = "0", "maxmemory-policy": policy = "", databases = "16" } = config;
  if (maxmemory !== "0" && policy.startsWith("allkeys"))
    throw usageError(
      `${where} evicts what does not fit (maxmemory ${formatBytes(Number(maxmemory))}, maxmemory-policy ${policy}), and a ` +
        "graph is one key: it would vanish",
      "Set CONFIG SET maxmemory-policy noeviction, and a maxmemory that the graphs fit in.",
    );
  if (config["tls-replication"] === "yes")
    throw usageError(
      `${where} replicates over TLS only (tls-replication yes), and a restore over the wire has no certificate to show`,
      "Use --rdb-out and start a server from the file, or set tls-replication no for the time of the restore.",
    );
  const highest = Math.max(0, ...(content?.graphs ?? []).map(({ database = 0 }) => database));
  if (highest >= Number(databases)) throw tooFewDatabases(where, Number(databases), highest);
}

export function tooFewDatabases(where: string, databases: number, needed: number): DrillError {
  return usageError(
    `the backup holds keys in database ${needed}, and ${where} has ${databases} databases`,
    `Start it with --databases ${needed + 1} or more.`,
  );
}

/** A replica neither evicts nor refuses; both would begin once it is a primary. */
export async function refuseWithoutRoom(connection: Connection): Promise<void> {
  const { used_memory: used, maxmemory = "0" } = await connection.info("memory");
  if (maxmemory === "0" || Number(used) < Number(maxmemory)) return;
  throw unfit(
    `the graphs do not fit into ${address(connection.endpoint)}: they take ${formatBytes(Number(used))}, and its maxmemory ` +
      `is ${formatBytes(Number(maxmemory))}`,
    "Give it more memory (CONFIG SET maxmemory), and restore again.",
  );
}

/** Required state at the hand-over: a primary that takes writes and still holds everything that was loaded. */
export async function mustBeUsable(
  connection: Connection,
  facts: Pick<TargetFacts, "evicted" | "limits" | "isReplaced">,
  graphs: readonly string[],
): Promise<void> {
  const where = address(connection.endpoint);
  const { role } = await connection.info("replication");
  if (role !== "master") throw unfit(`${where} is a ${role ?? "?"} when it should be a primary`, wayOut(facts.limits));
  if (!facts.isReplaced) await takesWrites(connection, "notRecovered");
  const there = new Set(await connection.graphs());
  const lost = graphs.filter((graph) => !there.has(graph));
  const evicted = Number((await connection.info("stats"))["evicted_keys"]) - facts.evicted;
  if (lost.length === 0 && evicted === 0) return;
  throw unfit(
    `${where} lost ${lost.length} of ${graphs.length} graphs as soon as it was a primary (${evicted} keys evicted)`,
    "Set CONFIG SET maxmemory-policy noeviction and a maxmemory that the graphs fit in, FLUSHALL, and restore again.",
  );
}

/** The error for a server of ours that evicted graphs as soon as it had loaded them; undefined if it evicted nothing. */
export async function whyEvicted({ endpoint }: Engine): Promise<DrillError | undefined> {
  await using connection = await connect(endpoint);
  const { evicted_keys: evicted } = await connection.info("stats");
  if (evicted === "0") return undefined;
  const { maxmemory, maxmemory_policy: policy } = await connection.info("memory");
  return unfit(
    `the graphs do not fit into the restored server: it evicted ${evicted} keys (maxmemory ` +
      `${formatBytes(Number(maxmemory))}, maxmemory-policy ${policy})`,
    "Give it more memory, and maxmemory-policy noeviction: a graph is one key, and vanishes as a whole.",
  );
}

async function takesWrites(connection: Connection, exit: "environment" | "notRecovered"): Promise<void> {
  try {
    await connection.command(...probe);
  } catch (error) {
    // The user has all rights that a restore needs, but not this one.
    if (errorMessage(error).startsWith("NOPERM")) return;
    const what = `${address(connection.endpoint)} takes no writes: ${errorMessage(error)}`;
    if (exit === "environment") throw environmentError(what, "Fix that first; nothing was touched.", error);
    throw unfit(what, "It is a primary and holds the backup; fix that before an application writes to it.");
  }
}

function unfit(message: string, hint: string): DrillError {
  return new DrillError(message, { exit: "notRecovered", code: "target-unfit", hint });
}
