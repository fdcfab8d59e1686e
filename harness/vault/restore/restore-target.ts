// The server that a restore over the wire goes into: the conditions before it is touched, and those when it is handed
// over. It is made a replica of this process in between, and its `masterauth` records that: the next restore recognises
// a killed one by it, and knows how to recover the server.
import { address } from "../../base/endpoint.ts";
import { DrillError, environmentError, errorMessage, usageError } from "../../base/errors.ts";
import { formatBytes } from "../../base/units.ts";
import { overOneConnection, waitFor } from "../../base/wait.ts";
import type { Engine } from "../../engine/engine.ts";
import { connect, type Connection } from "../../falkordb/client/connection.ts";
import { isQueryLog } from "../../falkordb/client/query-log.ts";
import { readLimits } from "../../falkordb/client/result-limits.ts";
import { sealSecret } from "../keys/sealed-secret.ts";
import { leftIn, type LeftRestore, markOfRestore, releaseLeft, removeLeft, wayOut } from "./left-restore.ts";
import type { RestoreJob } from "./load-job.ts";
import { refuseTooSmallServer } from "./predict-room.ts";
import { mustBeAllowed } from "../needed-rights.ts";
import { asked } from "../backup/server-refusal.ts";
import { gateSettings } from "./write-gate.ts";

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
const keysPerScan = 1000;
const loadingTimeoutMs = 600_000;
/**
 * A write that changes nothing and that a server refuses like any other: for a lack of memory, of replicas, of disk.
 */
const probe = ["SETRANGE", "falkordrill-probe", 0, ""] as const;

export interface TargetFacts extends LeftRestore {
  readonly runId: string;
  /** Prefix of the password that makes the server a replica of ours. */
  readonly mark: string;
  readonly masterauth: string;
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
  await removeLeft(connection, left, job);
  await mustBeAllowed(connection, neededRights);
  if (job.replace === undefined) await refuseUnlessEmpty(connection, left);
  // The killed restore may have undone everything but these limits and its mark.
  const note = (line: string): void => job.progress.note(line);
  if (left !== undefined) await asked(connection, "CONFIG", releaseLeft(connection, job.keyring, note));
  refuseConfig(where, config, job);
  await refuseTooSmallServer(connection, job.memory);
  if (job.replace === undefined) await takesWrites(connection, "environment");
  const limits = await asked(connection, "GRAPH.CONFIG", readLimits(connection));
  const gate = await gateSettings(connection);
  const isReplaced = job.replace !== undefined;
  const { masterauth = "" } = left === undefined ? config : await configOf(connection);
  const sealedAuth = masterauth === "" ? "" : await sealSecret(job.keyring, masterauth);
  if (sealedAuth === undefined)
    note(`a kill of this restore would lose the masterauth of ${where}: the key ring has no recipient to seal it to`);
  const before = { isReplaced, limits, gate, sealedAuth: sealedAuth ?? "" };
  return {
    runId: (await connection.info("server"))["run_id"] ?? "",
    ...before,
    mark: markOfRestore(before),
    masterauth,
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
  await waitFor(overOneConnection(isLoaded), {
    what,
    timeoutMs: loadingTimeoutMs,
    intervalMaxMs: 1000,
    exit: "environment",
    signal,
  });
}

async function configOf(connection: Connection): Promise<Record<string, string>> {
  const names = ["masterauth", "maxmemory", "maxmemory-policy", "databases", "dir", "logfile", "tls-replication"];
  const flat = (await asked(connection, "CONFIG", connection.command("CONFIG", "GET", ...names))) as string[];
  return Object.fromEntries(flat.flatMap((name, at) => (at % 2 === 0 ? [[name, flat[at + 1] ?? ""]] : [])));
}

/** What a server holds, in words; nothing where it is empty. */
export async function heldBy(connection: Connection): Promise<readonly string[]> {
  const keyspace = await databasesWithKeys(connection);
  const graphs = await asked(connection, "GRAPH.LIST", connection.graphs());
  const functions = await asked(connection, "FUNCTION", connection.command("FUNCTION", "LIST"));
  const libraries = await asked(connection, "GRAPH.UDF", connection.command("GRAPH.UDF", "LIST"));
  return [
    ...(graphs.length === 0 ? [] : [`${graphs.length} graph${graphs.length === 1 ? "" : "s"}`]),
    ...(keyspace.length === 0 ? [] : [`keys in ${keyspace.join(", ")}`]),
    ...(isEmpty(functions) ? [] : ["functions (FUNCTION LIST)"]),
    ...(isEmpty(libraries) ? [] : ["libraries of graph functions (GRAPH.UDF LIST)"]),
  ];
}

/** The databases that hold more than logs of queries, as `db0`. Ends at the first other key of each. */
async function databasesWithKeys(connection: Connection): Promise<readonly string[]> {
  const databases = Object.keys(await connection.info("keyspace")).filter((name) => /^db\d+$/.test(name));
  const found: string[] = [];
  for (const database of databases) {
    await asked(connection, "SELECT", connection.command("SELECT", database.slice(2)));
    if (await hasOtherKeys(connection)) found.push(database);
  }
  if (databases.length > 0) await connection.command("SELECT", 0);
  return found;
}

async function hasOtherKeys(connection: Connection): Promise<boolean> {
  let cursor = "0";
  do {
    const scan = connection.command("SCAN", cursor, "COUNT", keysPerScan);
    const [next, keys] = (await asked(connection, "SCAN", scan)) as [string, string[]];
    if (!keys.every(isQueryLog)) return true;
    cursor = next;
  } while (cursor !== "0");
  return false;
}

async function refuseUnlessEmpty(connection: Connection, left: LeftRestore | undefined): Promise<void> {
  const held = await heldBy(connection);
  if (held.length === 0) return;
  const where = address(connection.endpoint);
  throw usageError(
    `${where} is not empty (${held.join(", ")}), and a restore would replace it all`,
    left === undefined
      ? "Restore into a new, empty server and point the application there."
      : `A restore that was killed may have left it. ${wayOut(connection.endpoint, left)}`,
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
  facts: Pick<TargetFacts, "evicted" | keyof LeftRestore>,
  graphs: readonly string[],
): Promise<void> {
  const where = address(connection.endpoint);
  const { role } = await connection.info("replication");
  if (role !== "master")
    throw unfit(`${where} is a ${role ?? "?"} when it should be a primary`, wayOut(connection.endpoint, facts));
  await takesWrites(connection, "notRecovered");
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
    const message = errorMessage(error);
    // The user has all rights that a restore needs, but not this one.
    if (message.startsWith("NOPERM")) return;
    // A server looks at its replicas last: behind our gate this says that nothing else refuses a write.
    if (exit === "notRecovered" && message.startsWith("NOREPLICAS")) return;
    const what = `${address(connection.endpoint)} takes no writes: ${message}`;
    if (exit === "environment") throw environmentError(what, "Fix that first; nothing was touched.", error);
    throw unfit(what, "Fix that, and restore again.");
  }
}

function unfit(message: string, hint: string): DrillError {
  return new DrillError(message, { exit: "notRecovered", code: "target-unfit", hint });
}
