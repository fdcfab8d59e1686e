// Reads all nodes, then all edges of a graph, over several connections in ranges of node ids, and passes each one to
// visitors. Memory holds the packets in flight and what the visitors keep.
import { EntityRow } from "../check/fingerprint/entity-row.ts";
import type { GraphFingerprint, Kind } from "../check/fingerprint/fingerprint.ts";
import type { Connection } from "../falkordb/client/connection.ts";
import type { GraphSchema } from "./observe-schema.ts";
import { edgeReader, type EntityIds, nodeReader } from "./read-entities.ts";
import type { ReadStream, RowReader } from "../falkordb/client/read-stream.ts";
import { lastNodeId, type RangeQuery, readRanges, type WholeOptions } from "../falkordb/client/read-whole.ts";

/** Called once per entity, after it was added to the fingerprint; all edges come after all nodes. */
interface ContentVisitor {
  node?(row: EntityRow, id: number, kind: Kind): void;
  /** Called between the nodes and the edges. */
  nodesRead?(): void;
  edge?(row: EntityRow, ids: Readonly<EntityIds>, kind: Kind): void;
}

export interface ContentOptions extends WholeOptions {
  readonly schema: GraphSchema;
  readonly fingerprint: GraphFingerprint;
  readonly visitors: readonly ContentVisitor[];
  /** Names of vector properties, of which only the type is read. */
  readonly vectors: readonly string[];
  /** Reads each entity as a map of its properties, with names in place of the engine's numbers for labels and types. */
  readonly byName?: boolean;
}

/** Node ids per query: large enough that a query costs nothing, small enough for the engine's memory. */
const range = 20_000;

/** Returns the number of rows read. */
export async function readContent(
  connection: Connection,
  streams: readonly ReadStream[],
  options: ContentOptions,
): Promise<number> {
  const { schema, visitors } = options;
  if (schema.nodes === 0) return 0;
  const lastId = Math.max(0, await lastNodeId(connection, schema.name));
  const nodes = await readNodes(streams, options, lastId);
  for (const visitor of visitors) visitor.nodesRead?.();
  return nodes + (await readEdges(streams, options, lastId));
}

/** `lastId` is the highest id of a node. */
export async function readNodes(
  streams: readonly ReadStream[],
  options: ContentOptions,
  lastId: number,
): Promise<number> {
  options.fingerprint.reserve(lastId + 1);
  return await inRanges(streams, options, nodePass(options), lastId);
}

/** The fingerprint must know the keys of the nodes. */
export async function readEdges(
  streams: readonly ReadStream[],
  options: ContentOptions,
  lastId: number,
): Promise<number> {
  return options.schema.edges === 0 ? 0 : await inRanges(streams, options, edgePass(options), lastId);
}

function inRanges(
  streams: readonly ReadStream[],
  options: ContentOptions,
  { query, readRow }: Pass,
  lastId: number,
): Promise<number> {
  return readRanges(streams, { ...query, graph: options.schema.name, lastId, size: range }, options, () => readRow);
}

/** A row is read and handled in one go, so all connections can share one reader. */
interface Pass {
  readonly query: Pick<RangeQuery, "match" | "returns" | "edges">;
  readonly readRow: RowReader;
}

function nodePass({ schema, fingerprint, visitors, vectors, byName }: ContentOptions): Pass {
  const row = new EntityRow();
  const ids: EntityIds = { id: 0, labels: [], type: 0, source: 0, target: 0 };
  const kinds = new Map<number | string, Kind>();
  const kindOf = (): Kind => {
    // Four label ids of a schema with thousands of labels fit in the digits of one number, and no more.
    const code =
      ids.labels.length > 4 ? ids.labels.join() : ids.labels.reduce((code, label) => code * 4096 + label + 1, 0);
    let kind = kinds.get(code);
    if (kind === undefined) {
      const labels = ids.labels.map((label) => labelText(schema.labels[label] ?? `label ${label}`));
      kind = fingerprint.nodes.kind(labels.toSorted().join(":"));
      kinds.set(code, kind);
    }
    return kind;
  };
  const { columns, read } = nodeReader(schema, fingerprint.names, vectors, byName);
  return {
    query: { match: "MATCH (n)", returns: columns, edges: false },
    readRow: (cursor) => {
      read(cursor, row, ids);
      const kind = kindOf();
      fingerprint.addNode(row, ids.id, kind);
      for (const visitor of visitors) visitor.node?.(row, ids.id, kind);
    },
  };
}

/** One label `A:B` is not the two labels A and B. */
function labelText(label: string): string {
  return label.includes(":") ? `\`${label}\`` : label;
}

function edgePass({ schema, fingerprint, visitors, vectors, byName }: ContentOptions): Pass {
  const row = new EntityRow();
  const ids: EntityIds = { id: 0, labels: [], type: 0, source: 0, target: 0 };
  const kinds = schema.types.map((type) => fingerprint.edges.kind(type));
  const { columns, read } = edgeReader(schema, fingerprint.names, vectors, byName);
  return {
    query: { match: "MATCH (n)-[r]->(m)", returns: columns, edges: true },
    readRow: (cursor) => {
      read(cursor, row, ids);
      const kind = kinds[ids.type] ?? fingerprint.edges.kind(`type ${ids.type}`);
      fingerprint.addEdge(row, ids.source, ids.target, kind);
      for (const visitor of visitors) visitor.edge?.(row, ids, kind);
    },
  };
}
