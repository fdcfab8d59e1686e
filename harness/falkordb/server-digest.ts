// Every graph of a server, in all of its databases, as digests; and the functions in JavaScript, which are the server's.
// It only reads. Keys that are no graphs are not looked at.
import type { Endpoint } from "../base/endpoint.ts";
import { type Connection, connect } from "./connection.ts";
import { digestGraph, type GraphDigest } from "./graph-digest.ts";
import { graphsByDatabase } from "./graphs-by-database.ts";
import { readSchemas } from "./observe-schema.ts";
import { ReadStream } from "./read-stream.ts";
import { refuseLimits } from "./result-limits.ts";

export interface ServerDigest {
  /** In order of database and name. */
  readonly graphs: readonly GraphDigest[];
  /** With their code. */
  readonly udfLibraries: readonly string[];
}

/** Graphs whose schemas are asked for in one round trip. */
const batch = 100;

export async function digestServer(endpoint: Endpoint, signal: AbortSignal): Promise<ServerDigest> {
  await using connection = await connect(endpoint);
  await refuseLimits(connection);
  const graphs: GraphDigest[] = [];
  for await (const { database, graphs: names } of graphsByDatabase(connection)) {
    await using first = await ReadStream.open(endpoint, { database });
    await using second = await ReadStream.open(endpoint, { database });
    for (let at = 0; at < names.length; at += batch) {
      signal.throwIfAborted();
      for (const schema of await readSchemas(connection, names.slice(at, at + batch), signal)) {
        const { rows } = await connection.roQuery(schema.name, "MATCH (n) RETURN max(id(n))");
        const lastId = Number(rows[0]?.[0] ?? -1);
        graphs.push(await digestGraph([first, second], { schema, database, lastId }, signal));
      }
    }
  }
  return { graphs, udfLibraries: await udfLibrariesOf(connection) };
}

export function entitiesOf({ graphs }: ServerDigest): number {
  return graphs.reduce((sum, { nodes, edges }) => sum + nodes.count + edges.count, 0);
}

async function udfLibrariesOf(connection: Connection): Promise<readonly string[]> {
  const listed = (await connection.command("GRAPH.UDF", "LIST", "WITHCODE")) as unknown[];
  return listed.map((library) => JSON.stringify(library)).toSorted();
}
