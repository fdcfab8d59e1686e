// GRAPH.BULK has no vector type: embeddings are loaded as arrays of doubles and converted to vectors by a query, under
// the same property name. Every float32 is an exact double and converts back to the same float32.
import { DrillError } from "../../base/errors.ts";
import { answered, queryTimeoutMs } from "../client/answered.ts";
import type { Connection } from "../client/connection.ts";
import type { PendingVectors } from "./vector-notes.ts";

/** Elements per query: bounds how long one query holds the graph's lock, and its undo log. */
const elementsPerQuery = 2 ** 21;

export async function convertVectors(connection: Connection, graph: string, pending: PendingVectors): Promise<void> {
  const step = Math.max(64, Math.floor(elementsPerQuery / pending.dims));
  const { pattern, entity } = patternOf(pending);
  const field = `${entity}.${pending.property}`;
  for (let low = pending.firstId; low <= pending.lastId; low += step) {
    // Only ranges of node ids are cheap in a large graph; a range of edge ids is a full scan.
    const range = `id(n) >= ${low} AND id(n) < ${Math.min(low + step, pending.lastId + 1)}`;
    const query = `MATCH ${pattern} WHERE ${range} AND typeof(${field}) = 'List' SET ${field} = vecf32(${field})`;
    const what = `making vectors of ${field} in graph "${graph}"`;
    await answered(connection, what, connection.query(graph, query), queryTimeoutMs(pending.count));
  }
}

/** Checks that all are vectors of the right dimension now: the distance to another dimension is an error. */
export async function verifyVectors(
  connection: Connection,
  graph: string,
  converted: readonly PendingVectors[],
): Promise<void> {
  // By property: Entity and Entity:Person were converted separately, but a query for :Entity finds both.
  const byProperty = Map.groupBy(converted, ({ kind, property, dims }) => `${kind}.${property} of dimension ${dims}`);
  for (const [subject, same] of byProperty) {
    const [first] = same;
    if (first === undefined) continue;
    const expected = same.reduce((sum, { count }) => sum + count, 0);
    const { pattern, entity } = patternOf({ ...first, heading: undefined });
    const field = `${entity}.${first.property}`;
    const zeros = `vecf32([${Array.from({ length: first.dims }, () => 0).join(",")}])`;
    const query =
      `WITH ${zeros} AS zero MATCH ${pattern} WHERE typeof(${field}) = 'Vectorf32' ` +
      `RETURN count(vec.euclideanDistance(${field}, zero))`;
    const what = `verifying the vectors of graph "${graph}"`;
    const { rows } = await answered(connection, what, connection.roQuery(graph, query), queryTimeoutMs(expected));
    const found = Number(rows[0]?.[0]);
    if (found === expected) continue;
    throw new DrillError(`graph "${graph}" has ${found} vectors ${subject} after the load, ${expected} were sent`, {
      exit: "internal",
      hint: "The engine did not store what it was given; look at its log.",
    });
  }
}

function patternOf(vectors: { kind: "node" | "edge"; heading: string | undefined }): {
  pattern: string;
  entity: "n" | "r";
} {
  const of = vectors.heading === undefined ? "" : `:${vectors.heading}`;
  return vectors.kind === "node" ? { pattern: `(n${of})`, entity: "n" } : { pattern: `(n)-[r${of}]->()`, entity: "r" };
}
