// Asks each vector index for the nearest to seeded probes, and measures all vectors against the same probes by a scan. What
// the index gives is right where it is no further away than the last of the nearest, so equal vectors need no order, and
// ids are not compared.
import { errorMessage } from "../base/errors.ts";
import type { Index, VectorSearch } from "../check/observation.ts";
import type { Command, Connection } from "../falkordb/client/connection.ts";
import { decodeReply } from "../falkordb/client/reply.ts";
import { matchOf, propertyOf } from "../falkordb/client/quoted-name.ts";
import { textLiteral } from "../../generators/schema/literal.ts";
import { searchProbesMax } from "./read-vectors.ts";

/** Number of nearest that are asked for. */
const nearest = 10;

/** Vectors that the scans of one index measure in all, so that a large graph is asked fewer probes. */
const measuredMax = 4_000_000;
const probesMin = 8;

export interface SearchProbes {
  /** Vectors to search by; none where the graph holds no vectors of this property. */
  of(entity: Index["entity"], property: string): readonly Float32Array[];
}

/** A vector index of the graph: one field of one label or type. */
interface VectorIndex {
  readonly entity: Index["entity"];
  readonly label: string;
  readonly property: string;
  readonly isCosine: boolean;
  readonly dimension: number;
}

/** `entities`: nodes and edges of the graph. */
export async function askVectorSearches(
  connection: Connection,
  graph: { readonly name: string; readonly entities: number; readonly indexes: readonly Index[] },
  probes: SearchProbes,
): Promise<VectorSearch[]> {
  const answers: VectorSearch[] = [];
  const few = Math.max(probesMin, Math.min(searchProbesMax, Math.floor(measuredMax / Math.max(1, graph.entities))));
  for (const index of graph.indexes.flatMap(vectorIndexes)) {
    const { entity, label, property, dimension } = index;
    const vectors = probes
      .of(entity, property)
      .slice(0, few)
      .filter((vector) => vector.length === dimension);
    answers.push({ entity, label, property, nearest, ...(await ask(connection, graph.name, index, vectors)) });
  }
  return answers;
}

function vectorIndexes({ entity, label, fields, options = {} }: Index): VectorIndex[] {
  return Object.keys(fields)
    .filter((property) => fields[property]?.includes("VECTOR"))
    .map((property) => ({
      entity,
      label,
      property,
      isCosine: options[property]?.["similarityFunction"] === "cosine",
      dimension: Number(options[property]?.["dimension"]),
    }));
}

async function ask(
  connection: Connection,
  graph: string,
  index: VectorIndex,
  vectors: readonly Float32Array[],
): Promise<Pick<VectorSearch, "wanted" | "found" | "error">> {
  const wanted: number[] = [];
  const found: number[] = [];
  for (const vector of vectors) {
    const commands = [scanOf(index, vector), searchOf(index, vector)].map((query): Command => [
      "GRAPH.RO_QUERY",
      graph,
      query,
      "--compact",
      "timeout",
      0,
    ]);
    const [scanned, searched] = await connection.pipeline(commands);
    const failed = [scanned, searched].find((reply) => reply instanceof Error);
    if (failed !== undefined) return { wanted, found, error: errorMessage(failed) };
    const distances = distancesOf(scanned);
    const last = distances.at(-1) ?? -Infinity;
    wanted.push(distances.length);
    found.push(Math.min(distances.length, distancesOf(searched).filter((distance) => distance <= last).length));
  }
  return { wanted, found };
}

function distancesOf(reply: unknown): number[] {
  return decodeReply(reply).rows.map(([distance]) => Number(distance));
}

function scanOf(index: VectorIndex, vector: Float32Array): string {
  const { entity, label, property } = index;
  const isVector = `typeof(${propertyOf("e", property)}) = 'Vectorf32'`;
  const distance = `${distanceTo(index, vector)} AS distance`;
  return `${matchOf(entity, label)} WHERE ${isVector} WITH ${distance} ORDER BY distance LIMIT ${nearest} RETURN distance`;
}

function searchOf(index: VectorIndex, vector: Float32Array): string {
  const { entity, label, property } = index;
  const [procedure, yielded] = entity === "NODE" ? ["queryNodes", "node"] : ["queryRelationships", "relationship"];
  const given = `${textLiteral(label)}, ${textLiteral(property)}, ${nearest}, ${literalOf(vector)}`;
  return `CALL db.idx.vector.${procedure}(${given}) YIELD ${yielded} AS e WITH DISTINCT e RETURN ${distanceTo(index, vector)}`;
}

function distanceTo({ property, isCosine }: VectorIndex, vector: Float32Array): string {
  return `vec.${isCosine ? "cosine" : "euclidean"}Distance(${propertyOf("e", property)}, ${literalOf(vector)})`;
}

function literalOf(vector: Float32Array): string {
  return `vecf32([${vector.join(",")}])`;
}
