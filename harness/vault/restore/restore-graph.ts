// One graph of a backup, under any free name, into a running server that may hold others and takes writes meanwhile. An
// engine of ours loads the whole backup, renames the graph there and gives it out as one key (DUMP): a key whose inner name
// is another one crashes a server, and so does a key over a graph that is there. The key is loaded by a second engine of
// ours first, so that the server never gets what it cannot load; then all three must have the same digest.
import { address, type Endpoint } from "../../base/endpoint.ts";
import { DrillError, environmentError, usageError } from "../../base/errors.ts";
import { formatBytes, formatDuration } from "../../base/units.ts";
import { type Phase, PhaseTimer } from "../../base/phases.ts";
import type { Engine, EngineProvider } from "../../engine/engine.ts";
import { connect, type Connection } from "../../falkordb/client/connection.ts";
import { compareDigests } from "../../observe/digest/compare-digests.ts";
import type { GraphDigest } from "../../observe/digest/graph-digest.ts";
import { digestOne } from "../../observe/digest/server-digest.ts";
import { mustBeAllowed } from "../needed-rights.ts";
import { readManifest } from "../store/vault.ts";
import type { RestoreOptions, RestoreResult } from "./load-job.ts";
import { repairIndexes, zerosUnderIndexes } from "./repair-indexes.ts";
import { restoreBackup, type RestoreContext } from "./restore.ts";

const name = "falkordrill-restore";
const readyTimeoutMs = 600_000;

export interface RestoreGraphOptions extends Pick<
  RestoreOptions,
  "point" | "at" | "progress" | "signal" | "allowFaulty"
> {
  readonly graph: string;
  /** Its name on the target. */
  readonly as: string;
  readonly target: Engine;
  readonly engines: EngineProvider;
}

export interface RestoredGraph {
  readonly nodes: number;
  readonly edges: number;
  readonly phases: readonly Phase[];
  readonly reached?: NonNullable<RestoreResult["reached"]>;
  /** How long the target answers nobody while it loads the graph, as measured on an engine of ours. */
  readonly blockedMs: number;
}

export async function restoreGraph(context: RestoreContext, request: RestoreGraphOptions): Promise<RestoredGraph> {
  const { graph, as, target, engines, progress, signal } = request;
  const timer = new PhaseTimer();
  const manifest = await readManifest(context.store, request.point, context.keyring);
  const graphs = manifest.content?.graphs;
  // A moment after the backup may have graphs that it does not have.
  if (request.at === undefined && graphs !== undefined && !graphs.some((known) => known.name === graph))
    throw usageError(
      `the backup ${request.point} has no graph ${JSON.stringify(graph)}`,
      `It has: ${graphs.map((known) => JSON.stringify(known.name)).join(", ")}.`,
    );
  await refuseTarget(target, as, manifest.source.encver);
  const { key, digest, reached } = await timer.during("beside", () => takeOut(context, request));
  progress.step("prove beside");
  const { blockedMs, bytes } = await timer.during("prove beside", async () => {
    await using scratch = await engines.start({ name: "scratch", signal });
    return await loadKey(scratch.endpoint, { as, key, digest, signal });
  });
  await refuseWithoutMemory(target.endpoint, bytes);
  progress.note(
    `${address(target.endpoint)} will answer nobody for about ${formatDuration(blockedMs)} while it loads ${formatBytes(key.length)}`,
  );
  progress.step("load");
  await timer.during("load", () => intoTarget(target, { as, key, digest, signal }));
  const { nodes, edges } = digest;
  const counted = { nodes: nodes.count, edges: edges.count, blockedMs, phases: timer.all() };
  return reached === undefined ? counted : { ...counted, reached };
}

interface TakenOut {
  readonly key: Buffer;
  /** With the new name. */
  readonly digest: GraphDigest;
  readonly reached?: NonNullable<RestoreResult["reached"]>;
}

async function takeOut(context: RestoreContext, request: RestoreGraphOptions): Promise<TakenOut> {
  const { point, at, graph, as, engines, progress, signal, allowFaulty = false } = request;
  const moment = at === undefined ? {} : { at };
  const asked = { point, way: "file", engines, progress, signal, allowFaulty, ...moment } as const;
  const { target, reached } = await restoreBackup(context, asked);
  await using beside = target;
  await using connection = await connect(beside.endpoint, { name, signal });
  const before = await digestOne(beside.endpoint, graph, signal);
  if (before === undefined) throw usageError(`at that moment there is no graph ${JSON.stringify(graph)}`);
  await connection.command("SELECT", before.database);
  if (as !== graph) {
    // Names of graphs are unique in all databases.
    if ((await connection.graphs()).includes(as)) await connection.command("GRAPH.DELETE", as);
    await connection.command("RENAME", graph, as);
  }
  const key = (await connection.commandBuffer("DUMP", as)) as Buffer;
  // It goes to database 0 of the target.
  return { key, digest: { ...before, name: as, database: 0 }, ...(reached === undefined ? {} : { reached }) };
}

interface LoadedKey {
  readonly as: string;
  readonly key: Buffer;
  readonly digest: GraphDigest;
  readonly signal: AbortSignal;
}

/** Loads the key and compares its content; says how long that blocked the server, and what memory it took. */
async function loadKey(
  endpoint: Endpoint,
  loaded: LoadedKey,
): Promise<{ readonly blockedMs: number; readonly bytes: number }> {
  const { as, key, digest, signal } = loaded;
  await using connection = await connect(endpoint, { name, signal });
  const used = async (): Promise<number> => Number((await connection.info("memory"))["used_memory"]);
  const before = await used();
  const timer = new PhaseTimer();
  await using _limits = await admit(connection, key.length);
  await connection.command("RESTORE", as, 0, key);
  const blockedMs = timer.elapsedMs();
  const bytes = (await used()) - before;
  const suspects = await zerosUnderIndexes(connection, as);
  if (suspects.length > 0) await repairIndexes(connection, suspects, signal);
  const found = await digestOne(endpoint, as, signal);
  const server = (graph: GraphDigest | undefined): { graphs: GraphDigest[]; udfLibraries: string[] } => ({
    graphs: graph === undefined ? [] : [graph],
    udfLibraries: [],
  });
  const differences = compareDigests(server(digest), server(found));
  if (differences.length === 0) return { blockedMs, bytes };
  throw new DrillError(`the graph is not what the backup holds: ${differences.join("; ")}`, { exit: "dataWrong" });
}

/** Lets a server take a command as long as the key; disposing restores its limits. */
async function admit(connection: Connection, bytes: number): Promise<AsyncDisposable> {
  const needed = { "proto-max-bulk-len": bytes + 1024, "client-query-buffer-limit": bytes + 2 ** 20 };
  const changed: [string, string][] = [];
  for (const [setting, value] of Object.entries(needed)) {
    const [, now = "0"] = (await connection.command("CONFIG", "GET", setting)) as string[];
    if (Number(now) >= value) continue;
    await connection.command("CONFIG", "SET", setting, value);
    changed.push([setting, now]);
  }
  return {
    [Symbol.asyncDispose]: async () => {
      // The server may be gone, which is reported elsewhere.
      for (const [setting, was] of changed) await connection.command("CONFIG", "SET", setting, was).catch(() => {});
    },
  };
}

async function intoTarget(target: Engine, loaded: LoadedKey): Promise<void> {
  const where = address(target.endpoint);
  try {
    await loadKey(target.endpoint, loaded);
    await target.ready("operational", readyTimeoutMs, loaded.signal);
  } catch (error) {
    if (error instanceof Error && error.message.startsWith("BUSYKEY"))
      throw usageError(
        `another client has just made ${JSON.stringify(loaded.as)} on ${where}`,
        "Give another name: --as.",
      );
    await using connection = await connect(target.endpoint, { name }).catch((reason: unknown) => {
      throw new SuppressedError(reason, error);
    });
    // It was not there before, so it is ours.
    if ((await connection.graphs()).includes(loaded.as)) await connection.command("GRAPH.DELETE", loaded.as);
    throw error;
  }
}

async function refuseTarget(target: Engine, as: string, encver: number | null): Promise<void> {
  const where = address(target.endpoint);
  await using connection = await connect(target.endpoint, { name });
  await mustBeAllowed(connection, ["CONFIG SET", "GRAPH.QUERY", "GRAPH.RO_QUERY"]);
  if ((await connection.info("replication"))["role"] !== "master")
    throw usageError(`${where} is a replica, and a restore needs a primary`, "Give the URL of its primary.");
  const theirs = (await target.versions()).encver;
  if (encver !== null && theirs !== undefined && theirs < encver)
    throw usageError(
      `the backup has format ${encver} of FalkorDB, and ${where} reads up to ${theirs}`,
      "Restore into a FalkorDB of the version of the backup, or a newer one.",
    );
  const isThere = (await connection.graphs()).includes(as) || (await connection.command("EXISTS", as)) === 1;
  if (isThere)
    throw usageError(
      `${where} holds ${JSON.stringify(as)} already, and it is not replaced`,
      "Give another name with --as, or remove what is there first.",
    );
}

async function refuseWithoutMemory(endpoint: Endpoint, bytes: number): Promise<void> {
  await using connection = await connect(endpoint, { name });
  const { used_memory: used, maxmemory = "0" } = await connection.info("memory");
  if (maxmemory === "0" || Number(used) + bytes <= Number(maxmemory)) return;
  throw environmentError(
    `the graph takes ${formatBytes(bytes)}, and ${address(endpoint)} has ${formatBytes(Math.max(0, Number(maxmemory) - Number(used)))} left of its maxmemory`,
    "Give it more memory (CONFIG SET maxmemory), and restore again. Nothing was touched.",
  );
}
