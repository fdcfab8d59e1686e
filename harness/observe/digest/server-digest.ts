// Digests of every graph in all databases of a server, and of its JavaScript functions. It only reads. Keys that are
// not graphs are ignored.
import type { Endpoint } from "../../base/endpoint.ts";
import { type Connection, connect } from "../../falkordb/client/connection.ts";
import { digestGraph, type GraphDigest } from "./graph-digest.ts";
import { graphsByDatabase } from "../../falkordb/client/graphs-by-database.ts";
import { readSchemas } from "../observe-schema.ts";
import { ReadStream } from "../../falkordb/client/read-stream.ts";
import { lastNodeId, rowsMaxOf } from "../../falkordb/client/read-whole.ts";

export interface ServerDigest {
  /** Graphs sorted by database and name. */
  readonly graphs: readonly GraphDigest[];
  /** Function libraries with their code. */
  readonly udfLibraries: readonly string[];
}

/** Graphs whose schemas are read in one round trip. */
const batch = 100;

export async function digestServer(endpoint: Endpoint, signal: AbortSignal): Promise<ServerDigest> {
  await using connection = await connect(endpoint);
  const graphs = await digestGraphs(connection, signal);
  return { graphs, udfLibraries: await udfLibrariesOf(connection) };
}

/** The digest of one graph, in whatever database it is; undefined where there is none of that name. */
export async function digestOne(
  endpoint: Endpoint,
  graph: string,
  signal: AbortSignal,
): Promise<GraphDigest | undefined> {
  await using connection = await connect(endpoint);
  const [found] = await digestGraphs(connection, signal, graph);
  return found;
}

async function digestGraphs(connection: Connection, signal: AbortSignal, only?: string): Promise<GraphDigest[]> {
  const { endpoint } = connection;
  const whole = { rowsMax: await rowsMaxOf(connection), signal };
  const graphs: GraphDigest[] = [];
  for await (const { database, graphs: all } of graphsByDatabase(connection)) {
    const names = only === undefined ? all : all.filter((name) => name === only);
    if (names.length === 0) continue;
    await using first = await ReadStream.open(endpoint, { database });
    await using second = await ReadStream.open(endpoint, { database });
    for (let at = 0; at < names.length; at += batch) {
      signal.throwIfAborted();
      for (const schema of await readSchemas(connection, names.slice(at, at + batch), whole)) {
        const lastId = schema.nodes === 0 ? -1 : await lastNodeId(connection, schema.name);
        graphs.push(await digestGraph([first, second], { schema, database, lastId }, whole));
      }
    }
  }
  return graphs;
}

export function digestedEntities({ graphs }: ServerDigest): number {
  return graphs.reduce((sum, { nodes, edges }) => sum + nodes.count + edges.count, 0);
}

async function udfLibrariesOf(connection: Connection): Promise<readonly string[]> {
  const listed = (await connection.command("GRAPH.UDF", "LIST", "WITHCODE")) as unknown[];
  return listed.map((library) => JSON.stringify(library)).toSorted();
}
