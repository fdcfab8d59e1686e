// Finds the entities of a value in a stored snapshot, and reads each with its labels, or its type and ends.
import { AskPump } from "../../falkordb/rdb/ask-pump.ts";
import type { EntityPlace } from "../../falkordb/rdb/entity-scan.ts";
import { readEntity, type StoredEntity, type StoredValue } from "../../falkordb/rdb/entity-values.ts";
import type { ScannedGraph } from "../../falkordb/rdb/graph-content.ts";
import { frame, FrameCursor, type FrameReader } from "../../falkordb/rdb/graph-frames.ts";
import type { RelationPlace } from "../../falkordb/rdb/graph-matrices.ts";
import { type EdgePlace, findEdge, labelsOf } from "../../falkordb/rdb/matrix-lookup.ts";
import { findParallelEdge } from "../../falkordb/rdb/parallel-edges.ts";
import { type Ask, lengthOf } from "../../falkordb/rdb/rdb-values.ts";
import type { StoredSnapshot } from "./stored-snapshot.ts";

interface BrowsedEntity extends StoredEntity {
  readonly graph: string;
  readonly database: number;
}

export interface BrowsedNode extends BrowsedEntity {
  readonly kind: "node";
  readonly labels: readonly string[];
}

export interface BrowsedEdge extends BrowsedEntity {
  readonly kind: "edge";
  readonly type: string;
  readonly source: BrowsedEnd;
  readonly target: BrowsedEnd;
}

/** A node that an edge begins or ends at. */
interface BrowsedEnd {
  /** Number of the node within the graph, which another restore of the same backup gives it, too. */
  readonly id: number;
  readonly labels: readonly string[];
  readonly uuid: StoredValue | null;
}

const stringOpcode = 5;

export async function entitiesIn(
  snapshot: StoredSnapshot,
  graph: ScannedGraph,
): Promise<(BrowsedNode | BrowsedEdge)[]> {
  const { database, header } = graph;
  const { name } = header;
  const found: (BrowsedNode | BrowsedEdge)[] = [];
  for (const place of graph.nodes.places) {
    const entity = await entityAt(snapshot, graph, place);
    found.push({ kind: "node", graph: name, database, ...entity, labels: await labelNames(snapshot, graph, place.id) });
  }
  for (const place of graph.edges.places) {
    const entity = await entityAt(snapshot, graph, place);
    const { type, source, target } = await edgeIn(snapshot, graph, place.id);
    found.push({
      kind: "edge",
      graph: name,
      database,
      ...entity,
      type: header.types[type]?.name ?? "?",
      source: await endOf(snapshot, graph, source),
      target: await endOf(snapshot, graph, target),
    });
  }
  return found;
}

async function entityAt(snapshot: StoredSnapshot, { header }: ScannedGraph, place: EntityPlace): Promise<StoredEntity> {
  return await readFrames(snapshot, place, (cursor) => readEntity(cursor, header.propertyKeys));
}

async function labelNames(snapshot: StoredSnapshot, { header, labels }: ScannedGraph, node: number): Promise<string[]> {
  if (labels === undefined) return [];
  return (await labelsOf(snapshot, labels, node)).map((label) => header.labels[label]?.name ?? "?");
}

async function endOf(snapshot: StoredSnapshot, graph: ScannedGraph, id: number): Promise<BrowsedEnd> {
  const labels = await labelNames(snapshot, graph, id);
  const mark = graph.nodes.marks.reduce<EntityPlace | undefined>(
    (best, place) => (place.id <= id && (best === undefined || place.id > best.id) ? place : best),
    undefined,
  );
  if (mark === undefined) throw new RangeError(`there is no node ${id}`);
  const { properties } = await readFrames(snapshot, mark, function* (cursor) {
    for (;;) {
      const entity = yield* readEntity(cursor, graph.header.propertyKeys);
      if (entity.id === id) return entity;
      if (entity.id > id) throw new RangeError(`there is no node ${id}`);
    }
  });
  return { id, labels, uuid: properties["uuid"] ?? null };
}

async function edgeIn(snapshot: StoredSnapshot, { relations }: ScannedGraph, edge: number): Promise<EdgePlace> {
  const alone = await findEdge(snapshot, relations, edge);
  if (alone !== undefined) return alone;
  for (const { type, parallel } of relations) {
    const found =
      parallel.count === 0
        ? undefined
        : await readFrames(snapshot, parallel, (cursor) => findParallelEdge(cursor, type, edge));
    if (found !== undefined) return found;
  }
  throw new RangeError(`the edge ${edge} is in no matrix`);
}

/** Reads from a place of a frame on, into the frames after it. */
async function readFrames<T>(
  snapshot: StoredSnapshot,
  { frameAt, at }: Pick<EntityPlace, "frameAt" | "at"> | RelationPlace["parallel"],
  read: (cursor: FrameCursor) => FrameReader<T>,
): Promise<T> {
  const cursor = new FrameCursor();
  const reader = read(cursor);
  let result: { readonly value: T } | undefined;
  const pump = new AskPump(function* (from): Ask<void> {
    let step = reader.next();
    for (let begin = at; step.done !== true; begin = 0) {
      if (Number(yield* lengthOf()) !== stringOpcode) throw new RangeError("a key of a graph ends early");
      step = reader.next({ ...(yield* frame(from)), from: begin });
    }
    result = step;
  }, frameAt);
  pump.start();
  for await (const piece of snapshot.from(frameAt)) {
    pump.push(piece);
    if (pump.state !== "reading") break;
  }
  if (result !== undefined) return result.value;
  throw pump.failure ?? new RangeError("a key of a graph ends early");
}
