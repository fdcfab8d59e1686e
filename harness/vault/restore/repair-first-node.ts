// FalkorDB builds the index of a relation type at each load so that it finds no edge of the node with id 0, and never
// will (seen on 4.16.3): a search of facts by group leaves out all facts of that entity. Indexes of types that this node
// has edges of are dropped and rebuilt between the first answer, which is counted without an index, and the index build:
// the engine builds the new one in place of the old one.
import { Readable } from "node:stream";
import type { Engine } from "../../engine/engine.ts";
import { connect, type Command, type Connection } from "../../falkordb/client/connection.ts";
import { encodeCommand } from "../../falkordb/client/encode-command.ts";
import { graphsByDatabase } from "../../falkordb/client/graphs-by-database.ts";
import { decodeReply } from "../../falkordb/client/reply.ts";
import {
  assertRemade,
  type IndexDefinition,
  inOneTransaction,
  readDroppableIndexes,
} from "../../falkordb/replay/index-definitions.ts";
import type { ReplicationServer } from "../../falkordb/replication/replication-server.ts";
import type { RestoreOptions } from "./load-job.ts";

interface Affected {
  readonly database: number;
  readonly graph: string;
  readonly indexes: readonly IndexDefinition[];
}

const graphsPerRoundTrip = 100;
const silenceMs = 600_000;
const namesMax = 2;
const typesOfFirstNode = "MATCH (n)-[e]-() WHERE id(n) = 0 RETURN DISTINCT type(e)";

/** `server` is set where the target is a replica of this process; any other target still refuses all writes. */
export async function repairFirstNode(
  target: Engine,
  { progress, signal, keepIndexes = false }: Pick<RestoreOptions, "progress" | "signal" | "keepIndexes">,
  server?: ReplicationServer,
): Promise<void> {
  await using connection = await connect(target.endpoint, { signal });
  const affected = await affectedGraphs(connection, keepIndexes);
  const rebuildable = affected.filter(({ indexes }) => indexes.some(({ statements }) => statements !== undefined));
  if (rebuildable.length > 0)
    await (server === undefined ? whileWritable(connection, rebuildable) : throughStream(server, rebuildable));
  for (const { database, graph, indexes } of affected) {
    await connection.command("SELECT", database);
    if (rebuildable.length > 0) await assertRemade(connection, graph, indexes);
  }
  const names = (isRebuilt: boolean): string[] =>
    affected.flatMap(({ graph, indexes }) =>
      indexes
        .filter(({ statements }) => (statements !== undefined) === isRebuilt)
        .map(({ label }) => `${graph}/${label}`),
    );
  const [rebuilt, left] = [names(true), names(false)];
  if (rebuilt.length > 0) progress.note(`rebuilt ${counted(rebuilt)}: FalkorDB loads them without edges of node 0`);
  if (left.length > 0)
    progress.note(
      `${counted(left)} do not find edges of node 0 (a defect of FalkorDB) and were left: drop their fields and create them again`,
    );
}

/** `3 edge indexes (a/KNOWS, ...)`: the names of the first two. */
function counted(names: readonly string[]): string {
  const shown = names.slice(0, namesMax).join(", ");
  return `${names.length} edge index${names.length === 1 ? "" : "es"} (${shown}${names.length > namesMax ? ", ..." : ""})`;
}

async function affectedGraphs(connection: Connection, keepIndexes: boolean): Promise<Affected[]> {
  const affected: Affected[] = [];
  for await (const { database, graphs } of graphsByDatabase(connection))
    for (let at = 0; at < graphs.length; at += graphsPerRoundTrip) {
      const part = graphs.slice(at, at + graphsPerRoundTrip);
      const replies = await connection.pipeline(
        part.map((graph): Command => ["GRAPH.RO_QUERY", graph, typesOfFirstNode, "--compact", "timeout", 0]),
      );
      for (const [index, graph] of part.entries()) {
        const reply = replies[index];
        if (reply instanceof Error) throw reply;
        const types = new Set(decodeReply(reply).rows.map(([type]) => type));
        if (types.size === 0) continue;
        const all = await readDroppableIndexes(connection, graph);
        const indexes = all
          .filter(({ entity, label }) => entity === "RELATIONSHIP" && types.has(label))
          .map((index) => (keepIndexes ? Object.assign(index, { statements: undefined }) : index));
        if (indexes.length > 0) affected.push({ database, graph, indexes });
      }
    }
  return affected;
}

function commandsFor({ graph, indexes }: Affected): ReturnType<typeof inOneTransaction> {
  const statements = indexes.flatMap((index) => [...(index.statements?.drop ?? []), ...(index.statements?.make ?? [])]);
  return inOneTransaction(graph, statements);
}

/** Only the caller's hook for the first answer knows the address of the target by now. */
async function whileWritable(connection: Connection, affected: readonly Affected[]): Promise<void> {
  const [, replicas = "0"] = (await connection.command("CONFIG", "GET", "min-replicas-to-write")) as string[];
  await connection.command("CONFIG", "SET", "min-replicas-to-write", "0");
  for (const each of affected) {
    await connection.command("SELECT", each.database);
    for (const reply of (await connection.pipeline(commandsFor(each))).flat()) if (reply instanceof Error) throw reply;
  }
  await connection.command("CONFIG", "SET", "min-replicas-to-write", replicas);
}

async function throughStream(server: ReplicationServer, affected: readonly Affected[]): Promise<void> {
  const commands = affected.flatMap((each) => [["SELECT", String(each.database)], ...commandsFor(each)]);
  await server.stream(Readable.from(commands.map(encodeCommand)), silenceMs);
}
