// A team's own graphs as the content of a drill: an RDB file, or a running server of which a snapshot is taken as a
// replica would take it. The server is only read, and the file only linked or copied.
import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { join, resolve } from "node:path";
import { address, type Endpoint, type EndpointOverrides, parseServerUrl } from "../../base/endpoint.ts";
import { DrillError, usageError } from "../../base/errors.ts";
import { privateFolder } from "../../base/process/reaper.ts";
import type { Progress } from "../../base/progress.ts";
import { openGraphSource } from "../../diff/graph-source.ts";
import type { EngineProvider } from "../../engine/engine.ts";
import { connect } from "../../falkordb/client/connection.ts";
import { type RdbSummary, RdbWalk } from "../../falkordb/rdb/rdb-walk.ts";
import { SnapshotClient } from "../../falkordb/replication/replication-client.ts";
import { SnapshotReader } from "../../falkordb/replication/replication-snapshot.ts";
import { checkSource, sourceSilenceMs } from "../../vault/backup/cut.ts";

export interface OwnGraph {
  /** Name that the user gave, without a password. */
  readonly name: string;
  /** The RDB that every source engine of the drill starts from. */
  readonly file: string;
  /** What our own reader of RDB files finds in it, without an engine. */
  readonly summary: RdbSummary;
  /** Databases that a server needs to load it. */
  readonly databases: number;
  readonly nodes: number;
}

export interface OwnGraphOptions {
  readonly engines: EngineProvider;
  readonly overrides?: EndpointOverrides;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** Throws a `DrillError` where there is no such file or server, no graph in it, or no engine that loads it. */
export async function openOwnGraph(
  text: string,
  options: OwnGraphOptions,
  resources: AsyncDisposableStack,
): Promise<OwnGraph> {
  const isUrl = /^[a-z+]+:\/\//i.test(text);
  const endpoint = isUrl ? parseServerUrl(text, options.overrides) : undefined;
  const file = endpoint === undefined ? resolve(text) : await snapshotOf(endpoint, options, resources);
  const name = endpoint === undefined ? text : `${text.split("://")[0] ?? "redis"}://${address(endpoint)}`;
  // Loaded once on its own: what cannot be loaded says nothing about a backup system.
  const noVault = (): Promise<never> =>
    Promise.reject(
      usageError("--from takes no restore point", "Restore it first: falkordrill vault restore --rdb-out"),
    );
  await using _loaded = await openGraphSource(file, { ...options, vaultOf: noVault }).catch((error: unknown) => {
    // A dump that no engine loads would be a failure of the system that made it, and none has run.
    if (!(error instanceof DrillError) || error.exit !== "notRecovered") throw error;
    throw usageError(`--from ${name}: ${error.message}`, error.hint);
  });
  return { name, file, ...(await contentOfRdb(file, name)) };
}

async function contentOfRdb(file: string, name: string): Promise<Pick<OwnGraph, "summary" | "databases" | "nodes">> {
  const walk = new RdbWalk();
  for await (const part of createReadStream(file, { highWaterMark: 1 << 20 })) walk.push(part as Buffer);
  const summary = walk.summary();
  if (summary === undefined)
    throw usageError(
      `${name} holds what this version of falkordrill does not read, although an engine loads it`,
      "It reads RDB files of Redis up to 8.2 with FalkorDB 4.10 to 4.16.",
    );
  if (summary.graphs.length === 0)
    throw usageError(
      `${name} holds no graph, only ${summary.otherKeys} other keys`,
      "Give the RDB of a FalkorDB, or its URL.",
    );
  const nodes = summary.graphs.reduce((sum, graph) => sum + graph.nodes, 0);
  return { summary, databases: walk.databases, nodes };
}

/** Takes the snapshot of a live server into a private file. No setting of the server is changed. */
async function snapshotOf(
  endpoint: Endpoint,
  { progress, signal }: OwnGraphOptions,
  resources: AsyncDisposableStack,
): Promise<string> {
  progress.step(`copy ${address(endpoint)}`);
  await using connection = await connect(endpoint, { signal });
  await checkSource(connection, { note: (line) => progress.note(line), signal });
  const folder = resources.use(await privateFolder("own-graph"));
  const path = join(folder.path, "snapshot.rdb");
  await using file = await open(path, "wx", 0o600);
  // The server begins after its repl-diskless-sync-delay, which is left as it is.
  await using client = await SnapshotClient.connect(endpoint, { silenceMs: sourceSilenceMs, signal });
  await client.cut();
  const reader = await client.snapshot();
  const block = Buffer.allocUnsafe(blockBytes + SnapshotReader.slackBytes);
  for (let read = await reader.read(block); read > 0; read = await reader.read(block))
    await file.writeFile(block.subarray(0, read));
  return path;
}

const blockBytes = 1 << 20;
