// A sample of a graph that is read in blocks of ids spread evenly over it, as neighbours in a snapshot resemble each other.
// Nodes are weighted by the exact number of nodes with their most frequent label, edges by that of their type.
import type { Connection } from "../../falkordb/client/connection.ts";
import { matchOf, propertyOf } from "../../falkordb/client/quoted-name.ts";
import type { GraphSchema } from "../../observe/observe-schema.ts";
import { compress } from "../parts/compression.ts";
import { SampleEncoder } from "./encode-sample.ts";

const blocksMax = 8;
/** Vectors that are read, which tell how long vectors of this kind are; between texts, none gets smaller. */
const vectorsMax = 8;
/** A compressor sees more of what resembles an entity in a whole snapshot than in a sample: fitted on generated graphs. */
const nearShare = 0.93;
/** Number of the property, kind, length and number of components; compressed, most of them repeat. */
const vectorHeadBytes = 28;
const vectorStoredHeadBytes = 6;
/** What the matrices of a graph take for each node and edge: fitted on generated graphs (docs/benchmarks.md). */
const matrixBytes = { node: 67, edge: 13 };
const storedMatrixBytes = { node: 4, edge: 5 };

export interface SampledGraph {
  readonly nodes: number;
  readonly edges: number;
  /** Nodes and edges that were read. */
  readonly sampled: number;
  /** Bytes of all properties in a snapshot, and as a backup stores them. */
  readonly rawBytes: number;
  readonly storedBytes: number;
}

interface Group {
  readonly encoder: SampleEncoder;
  count: number;
  /** How many have this vector. */
  readonly vectors: Map<string, number>;
}

type Cell = readonly [type: number, value: unknown];
type Row = readonly Cell[];

/** `wanted`: nodes to read, and about as many edges for each as the graph has. */
export async function sampleGraph(connection: Connection, schema: GraphSchema, wanted: number): Promise<SampledGraph> {
  const keys = new Map<string, number>();
  const nodesWanted = Math.min(wanted, schema.nodes);
  const blocks = Math.min(blocksMax, nodesWanted);
  const length = Math.ceil(nodesWanted / Math.max(1, blocks));
  const edgesMax = Math.ceil((length * 4 * schema.edges) / Math.max(1, schema.nodes));
  const labels = await countsOf(connection, schema, "NODE", schema.labels);
  const types = await countsOf(connection, schema, "RELATIONSHIP", schema.types);
  const nodes = new Map<string, Group>();
  const edges = new Map<string, Group>();
  const ranges = Array.from({ length: blocks }, (_, block) => {
    const from = Math.floor((block * schema.nodes) / blocks);
    return `WHERE id(n) >= ${from} AND id(n) < ${from + length}`;
  });
  const ofNodes = ranges.map((range) => `MATCH (n) ${range} RETURN labels(n), ${valuesOf("n")}`);
  const ofEdges = ranges.map(
    (range) => `MATCH (n)-[r]->() ${range} RETURN type(r), ${valuesOf("r")} LIMIT ${edgesMax}`,
  );
  for (const [kinds, values, vectors] of await rows(connection, schema.name, ofNodes)) {
    const names = ((kinds?.[1] ?? []) as readonly Cell[]).map(([, label]) => label as string);
    const kind = names.toSorted((a, b) => (labels.get(b) ?? 0) - (labels.get(a) ?? 0))[0] ?? "";
    note(nodes, keys, kind, values, vectors);
  }
  for (const [type, values, vectors] of await rows(connection, schema.name, ofEdges))
    note(edges, keys, type?.[1] as string, values, vectors);
  return await summed(connection, schema, { nodes, edges, labels, types });
}

/** Properties as pairs of name and value, and the names of those that are vectors, whose values are read for few only. */
function valuesOf(variable: string): string {
  const isVector = `typeof(${variable}[k]) = 'Vectorf32'`;
  const pairs = `[k IN keys(${variable}) WHERE NOT ${isVector} | [k, ${variable}[k]]]`;
  return `${pairs}, [k IN keys(${variable}) WHERE ${isVector} | k]`;
}

async function rows(connection: Connection, graph: string, queries: readonly string[]): Promise<readonly Row[]> {
  const replies = await connection.pipeline(
    queries.map((query) => ["GRAPH.RO_QUERY", graph, query, "--compact", "timeout", 0] as const),
  );
  return replies.flatMap((reply) => {
    if (reply instanceof Error) throw reply;
    return (reply as [unknown, Row[]])[1];
  });
}

async function countsOf(
  connection: Connection,
  { name }: GraphSchema,
  entity: "NODE" | "RELATIONSHIP",
  names: readonly string[],
): Promise<Map<string, number>> {
  const queries = names.map((each) => `${matchOf(entity, each)} RETURN count(e)`);
  const counted = await rows(connection, name, queries);
  return new Map(names.map((each, at) => [each, Number(counted[at]?.[0]?.[1])]));
}

function note(
  groups: Map<string, Group>,
  keys: Map<string, number>,
  kind: string,
  [, values]: Cell = [0, []],
  [, vectors]: Cell = [0, []],
): void {
  let group = groups.get(kind);
  if (group === undefined)
    groups.set(kind, (group = { encoder: new SampleEncoder(keys), count: 0, vectors: new Map() }));
  const pairs = (values as readonly Cell[]).map(([, pair]) => pair as readonly [Cell, Cell]);
  group.count += 1;
  group.encoder.entity(
    // In a snapshot one follows the other.
    group.count,
    pairs.map(([[, name], value]) => [name as string, value]),
  );
  for (const [, name] of vectors as readonly Cell[])
    group.vectors.set(name as string, (group.vectors.get(name as string) ?? 0) + 1);
}

interface Read {
  readonly nodes: ReadonlyMap<string, Group>;
  readonly edges: ReadonlyMap<string, Group>;
  readonly labels: ReadonlyMap<string, number>;
  readonly types: ReadonlyMap<string, number>;
}

async function summed(connection: Connection, schema: GraphSchema, read: Read): Promise<SampledGraph> {
  const { nodes, edges } = schema;
  const sum = {
    sampled: 0,
    rawBytes: matrixBytes.node * nodes + matrixBytes.edge * edges,
    storedBytes: storedMatrixBytes.node * nodes + storedMatrixBytes.edge * edges,
  };
  const sides = [
    { entity: "NODE", groups: read.nodes, counts: read.labels, total: nodes },
    { entity: "RELATIONSHIP", groups: read.edges, counts: read.types, total: edges },
  ] as const;
  for (const { entity, groups, counts, total } of sides) {
    const known = [...groups.keys()].reduce((all, kind) => all + (counts.get(kind) ?? 0), 0);
    for (const [kind, group] of groups) {
      // Nodes with several labels are counted under each, and some may have none.
      const factor = ((known === 0 ? 1 : (counts.get(kind) ?? 0) / known) * total) / group.count;
      const bytes = group.encoder.bytes();
      sum.sampled += group.count;
      sum.rawBytes += bytes.length * factor;
      sum.storedBytes += storedBytesOf(bytes) * nearShare * factor;
      for (const [property, count] of group.vectors) {
        const vectors = await readVectors(connection, schema.name, { entity, kind, property });
        const each =
          vectors.length === 0 ? 0 : vectors.reduce((all, vector) => all + vector.length, 0) / vectors.length;
        sum.rawBytes += (vectorHeadBytes + 4 * each) * count * factor;
        sum.storedBytes += (vectorStoredHeadBytes + 4 * each) * count * factor;
      }
    }
  }
  return { nodes, edges, ...sum };
}

/** Without what a compressor needs to get to know the content, which a whole snapshot pays once. */
function storedBytesOf(bytes: Buffer): number {
  const known = bytes.subarray(0, bytes.length / 3);
  const more = compress(bytes).length - compress(known).length;
  return (more * bytes.length) / (bytes.length - known.length);
}

async function readVectors(
  connection: Connection,
  graph: string,
  {
    entity,
    kind,
    property,
  }: { readonly entity: "NODE" | "RELATIONSHIP"; readonly kind: string; readonly property: string },
): Promise<number[][]> {
  const match = kind === "" ? "MATCH (e)" : matchOf(entity, kind);
  const value = propertyOf("e", property);
  const query = `${match} WHERE typeof(${value}) = 'Vectorf32' RETURN ${value} LIMIT ${vectorsMax}`;
  return (await rows(connection, graph, [query])).map(([cell]) => ((cell?.[1] ?? []) as readonly string[]).map(Number));
}
