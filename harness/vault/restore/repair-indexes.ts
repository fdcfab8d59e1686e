// FalkorDB 4.16 loses entities from range indexes when it loads a dump: those whose indexed values are all the number 0
// (seen on 4.16.3, with and without DELAY_INDEXING; with one other indexed value, such as a string, the entity is
// found). `n.v = 0` and `n.v >= 0` then miss them although the data is right. Dropping all fields of the index and
// creating them again repairs it; dropping one of several does not. A restore that left this behind would hand out a
// database that answers wrongly, so such indexes are searched for during the index build, and repaired before the
// hand-over.
import { Readable } from "node:stream";
import type { Index } from "../../check/observation.ts";
import type { Command, Connection } from "../../falkordb/client/connection.ts";
import { matchOf, propertyOf } from "../../falkordb/client/quoted-name.ts";
import { encodeCommand } from "../../falkordb/client/encode-command.ts";
import { inOneTransaction, readDroppableIndexes } from "../../falkordb/replay/index-definitions.ts";
import { untilOperational } from "../../falkordb/client/operational.ts";
import { graphsByDatabase } from "../../falkordb/client/graphs-by-database.ts";
import type { ReplicationServer } from "../../falkordb/replication/replication-server.ts";
import { readSchemas } from "../../observe/observe-schema.ts";

/** An index over properties of which an entity holds a zero. */
export interface Suspect {
  readonly database: number;
  readonly graph: string;
  readonly index: Index;
  /** Each property with the number of entities that hold zero in it. */
  readonly zeros: ReadonlyMap<string, number>;
}

const graphsPerRoundTrip = 100;
const streamSilenceMs = 600_000;
const rebuildTimeoutMs = 3_600_000;

/** Reads everything, or one graph, once per index, without using any. Runs during the index build, on the other core. */
export async function zerosUnderIndexes(connection: Connection, only?: string): Promise<Suspect[]> {
  const suspects: Suspect[] = [];
  for await (const { database, graphs: all } of graphsByDatabase(connection)) {
    const graphs = only === undefined ? all : all.filter((graph) => graph === only);
    for (let at = 0; at < graphs.length; at += graphsPerRoundTrip) {
      const schemas = await readSchemas(connection, graphs.slice(at, at + graphsPerRoundTrip));
      for (const { name: graph, nodes, indexes } of schemas) {
        if (nodes === 0) continue;
        for (const index of indexes) {
          const zeros = await countZeros(connection, graph, index);
          if (zeros.size > 0) suspects.push({ database, graph, index, zeros });
        }
      }
    }
  }
  return suspects;
}

/**
 * Rebuilds the suspects for which the engine's index really answers wrongly; returns their names. `server` is set where the
 * target is a replica of this process, which takes commands from there only.
 */
export async function repairIndexes(
  connection: Connection,
  suspects: readonly Suspect[],
  signal?: AbortSignal,
  server?: ReplicationServer,
): Promise<string[]> {
  const repaired: string[] = [];
  for (const suspect of suspects) {
    await connection.command("SELECT", suspect.database);
    if (await answersRightly(connection, suspect)) continue;
    const definitions = await readDroppableIndexes(connection, suspect.graph);
    const { entity, label } = suspect.index;
    const statements = definitions.find((index) => index.entity === entity && index.label === label)?.statements;
    // Left to the proof, which reports it.
    if (statements === undefined) continue;
    const commands = [
      ["SELECT", String(suspect.database)],
      ...inOneTransaction(suspect.graph, [...statements.drop, ...statements.make]),
    ] as const;
    await (server === undefined
      ? applyTo(connection, commands)
      : server.stream(Readable.from(commands.map(encodeCommand)), streamSilenceMs));
    await untilOperational(connection, suspect.graph, { timeoutMs: rebuildTimeoutMs, signal });
    repaired.push(`${suspect.graph}/${suspect.index.label}`);
  }
  await connection.command("SELECT", 0);
  return repaired;
}

async function countZeros(connection: Connection, graph: string, index: Index): Promise<ReadonlyMap<string, number>> {
  const properties = rangeProperties(index);
  if (properties.length === 0) return new Map();
  // A function of the property, which no index can answer.
  const counts = properties.map((name) => `sum(CASE WHEN coalesce(${propertyOf("e", name)}, 1) = 0 THEN 1 ELSE 0 END)`);
  const { rows } = await connection.roQuery(graph, `${matchOf(index.entity, index.label)} RETURN ${counts.join(", ")}`);
  const found = properties.map((name, at) => [name, Number(rows[0]?.[at] ?? 0)] as const);
  return new Map(found.filter(([, zeros]) => zeros > 0));
}

async function answersRightly(connection: Connection, { graph, index, zeros }: Suspect): Promise<boolean> {
  for (const [name, count] of zeros) {
    const cypher = `${matchOf(index.entity, index.label)} WHERE ${propertyOf("e", name)} = 0 RETURN count(e)`;
    const { rows } = await connection.roQuery(graph, cypher);
    if (Number(rows[0]?.[0] ?? 0) !== count) return false;
  }
  return true;
}

async function applyTo(connection: Connection, commands: readonly Command[]): Promise<void> {
  for (const reply of (await connection.pipeline(commands)).flat()) if (reply instanceof Error) throw reply;
}

function rangeProperties({ fields }: Index): string[] {
  return Object.keys(fields).filter((name) => fields[name]?.includes("RANGE"));
}
