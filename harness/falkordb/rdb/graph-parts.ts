// What a key of a graph holds after its header: parts in an order that each key states, of which a large graph has many
// keys. Only one of them has the matrices.
import { FrameCursor, type FrameReader } from "./graph-frames.ts";
import { type DeltaMatrixPlace, deltaMatrix } from "./graph-matrices.ts";
import type { GraphHeader } from "./rdb-graph-header.ts";

/** Readers of the parts that differ in what they are read for. */
export interface PartReaders {
  nodes(cursor: FrameCursor, count: number): FrameReader<void>;
  edges(cursor: FrameCursor, count: number): FrameReader<void>;
  /** The nodes that have the label of this number. */
  label?(number: number, matrix: DeltaMatrixPlace): void;
  /** Called once for each relationship type. */
  relation(cursor: FrameCursor): FrameReader<void>;
  /** The matrix of nodes by labels. */
  nodeLabels(cursor: FrameCursor): FrameReader<void>;
}

const payloads = {
  nodes: 1,
  deletedNodes: 2,
  edges: 3,
  deletedEdges: 4,
  labelMatrices: 6,
  relationMatrices: 7,
  adjacency: 8,
  nodeLabels: 9,
} as const;

/** Throws a RangeError where the key is not understood. */
export function* readGraphParts({ types }: Pick<GraphHeader, "types">, readers: PartReaders): FrameReader<void> {
  const cursor = new FrameCursor();
  const parts: { readonly kind: number; readonly count: number }[] = [];
  for (let left = yield* cursor.number(); left > 0; left--)
    parts.push({ kind: yield* cursor.number(), count: yield* cursor.number() });
  for (const { kind, count } of parts)
    switch (kind) {
      case payloads.nodes:
        yield* readers.nodes(cursor, count);
        break;
      case payloads.edges:
        yield* readers.edges(cursor, count);
        break;
      case payloads.deletedNodes:
      case payloads.deletedEdges:
        yield* cursor.blob();
        break;
      case payloads.labelMatrices:
        for (let left = yield* cursor.number(); left > 0; left--) {
          const number = yield* cursor.number();
          const matrix = yield* deltaMatrix(cursor);
          readers.label?.(number, matrix);
        }
        break;
      case payloads.relationMatrices:
        for (let left = types.length; left > 0; left--) yield* readers.relation(cursor);
        break;
      case payloads.adjacency:
        yield* deltaMatrix(cursor);
        break;
      case payloads.nodeLabels:
        yield* readers.nodeLabels(cursor);
        break;
      default:
        throw new RangeError(`unknown part ${kind} of a graph`);
    }
  if (cursor.at !== cursor.frame.place.length) throw new RangeError("a key of a graph holds more than it says");
}
