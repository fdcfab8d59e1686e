// Where the matrices of a graph are in an RDB, which alone say what labels a node has and what an edge connects
// (encoding version 18). A matrix is a struct of GraphBLAS (`GxB_Container_struct`) and five arrays, of which x holds
// values, and h, p and i the rows as any compressed sparse matrix does. A matrix of a graph is three of them: what was
// there, what was added (DP) and what was removed (DM) since. An edge is an entry of the matrix of its type, whose value
// is the id of the edge; parallel edges share an entry, and each such entry is followed by a vector of their ids.
import { isArrayName } from "./border-blob.ts";
import type { FrameCursor, FrameReader, StoredBlob } from "./graph-frames.ts";

export interface MatrixArray {
  readonly span: StoredBlob;
  readonly entries: number;
  /** Bytes of an entry. */
  readonly width: number;
  /** A copy of all of it, where that was asked for. */
  readonly kept?: Buffer;
}

export interface MatrixPlace {
  readonly entries: number;
  readonly isHypersparse: boolean;
  /** All entries have the one value that is stored. */
  readonly isUniform: boolean;
  readonly x: MatrixArray;
  readonly h: MatrixArray;
  readonly p: MatrixArray;
  readonly i: MatrixArray;
}

export interface DeltaMatrixPlace {
  readonly main: MatrixPlace;
  readonly added: MatrixPlace;
  readonly removed: MatrixPlace;
}

export interface RelationPlace {
  readonly type: number;
  /** Number of the edges of this type. */
  readonly edges: number;
  readonly matrix: DeltaMatrixPlace;
  /** Number of entries that stand for several edges, and where the vectors of those begin. */
  readonly parallel: { readonly count: number; readonly frameAt: number; readonly at: number };
}

/** Encoding version of the graphs whose content can be read. */
export const encverRead = 18;

const containerBytes = 608;
const formatAt = 128;
const uniformAt = 448;
const hypersparse = 1;
const sparse = 2;
const byRow = 0;

/** Long frames have to be whole (`GraphVisitor`) where its entries are to be kept. */
export function* deltaMatrix(cursor: FrameCursor, isKept = false): FrameReader<DeltaMatrixPlace> {
  const main = yield* matrix(cursor, isKept);
  const added = yield* matrix(cursor, isKept);
  return { main, added, removed: yield* matrix(cursor, isKept) };
}

function* matrix(cursor: FrameCursor, isKept: boolean): FrameReader<MatrixPlace> {
  const span = yield* cursor.blob();
  const container = cursor.bytesOf(span);
  if (container.length !== containerBytes) throw new RangeError(`a matrix has a header of ${container.length} bytes`);
  const entries = Number(container.readBigUInt64LE(32));
  const format = container.readInt32LE(formatAt);
  const isReadable = (format === hypersparse || format === sparse) && container.readInt32LE(formatAt + 4) === byRow;
  if (!isReadable && entries > 0) throw new RangeError(`a matrix has the format ${format}`);
  const isUniform = container.readUInt8(uniformAt) !== 0;
  const x = yield* array(cursor, isKept);
  const h = yield* array(cursor, isKept);
  const p = yield* array(cursor, isKept);
  const i = yield* array(cursor, isKept);
  yield* array(cursor, false);
  return { entries, isHypersparse: format === hypersparse, isUniform, x, h, p, i };
}

function* array(cursor: FrameCursor, isKept: boolean): FrameReader<MatrixArray> {
  const span = yield* cursor.blob(isArrayName);
  const kept = isKept ? { kept: Buffer.from(cursor.bytesOf(span)) } : {};
  const name = cursor
    .bytesOf(yield* cursor.blob())
    .toString("latin1")
    .replace(/\0$/, "");
  const entries = yield* cursor.number();
  yield* cursor.number();
  yield* cursor.number();
  const width = name.endsWith("64") ? 8 : name.endsWith("32") ? 4 : 1;
  if (entries * width > span.length) throw new RangeError(`an array of ${entries} ${name} has ${span.length} bytes`);
  return { span, entries, width, ...kept };
}

/** Number of entries that a matrix of a graph has. */
export function entriesOf({ main, added, removed }: DeltaMatrixPlace): number {
  return main.entries + added.entries - removed.entries;
}

export function* relation(cursor: FrameCursor): FrameReader<RelationPlace> {
  const type = yield* cursor.number();
  const matrix = yield* deltaMatrix(cursor);
  const count = yield* cursor.number();
  const parallel = { count, frameAt: cursor.frame.place.at, at: cursor.at };
  let edges = entriesOf(matrix) - count;
  for (const _ of count === 0 ? [] : ["main", "added"])
    for (let left = yield* cursor.number(); left > 0; left--) edges += edgesOf(cursor, yield* parallelEntry(cursor));
  return { type, edges, matrix, parallel };
}

/** Number of the edges that share an entry. */
function edgesOf(cursor: FrameCursor, { vector }: ParallelEntry): number {
  return Number(cursor.bytesOf(vector).readBigInt64LE(48));
}

export interface ParallelEntry {
  readonly row: number;
  readonly column: number;
  readonly vector: StoredBlob;
}

export function* parallelEntry(cursor: FrameCursor): FrameReader<ParallelEntry> {
  const row = yield* cursor.number();
  const column = yield* cursor.number();
  return { row, column, vector: yield* cursor.blob() };
}
