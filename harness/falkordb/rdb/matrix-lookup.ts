// Asks the matrices of a graph (graph-matrices.ts) what labels a node has, and what an edge connects. They are looked
// into where they are: of a matrix with millions of entries only some are fetched, apart from the ids of edges, which
// have no order.
import type { StoredBlob } from "./graph-frames.ts";
import type { DeltaMatrixPlace, MatrixArray, MatrixPlace, RelationPlace } from "./graph-matrices.ts";

/** Fetches bytes of the snapshot that were passed over. */
export interface SnapshotBytes {
  read(span: StoredBlob): Promise<Buffer>;
}

/** Where an edge is: the number of its type and the ids of its ends. */
export interface EdgePlace {
  readonly type: number;
  readonly source: number;
  readonly target: number;
}

/** Entries that are fetched at once where all are looked at. */
const entriesAtOnce = 128 * 1024;

/** Numbers of the labels of a node, ascending. */
export async function labelsOf(bytes: SnapshotBytes, labels: DeltaMatrixPlace, node: number): Promise<number[]> {
  const [main, added, removed] = await Promise.all(
    [labels.main, labels.added, labels.removed].map((matrix) => rowOf(bytes, matrix, node)),
  );
  const gone = new Set(removed);
  return [...(main ?? []).filter((label) => !gone.has(label)), ...(added ?? [])].sort((a, b) => a - b);
}

/** Looks among the edges that are alone between their ends in their type. */
export async function findEdge(
  bytes: SnapshotBytes,
  relations: readonly RelationPlace[],
  edge: number,
): Promise<EdgePlace | undefined> {
  for (const { type, matrix } of relations) {
    const { main, added, removed } = matrix;
    const fresh = await entryWith(bytes, added, edge);
    if (fresh !== undefined) return { type, ...fresh };
    const place = await entryWith(bytes, main, edge);
    // The id of an edge that was removed is given to another one, which may be of another type.
    if (place !== undefined && !(await rowOf(bytes, removed, place.source)).includes(place.target))
      return { type, ...place };
  }
  return undefined;
}

/** Columns of the entries of a row. */
async function rowOf(bytes: SnapshotBytes, matrix: MatrixPlace, row: number): Promise<number[]> {
  if (matrix.entries === 0) return [];
  const { p, i } = matrix;
  const index = await indexOfRow(bytes, matrix, row);
  if (index === undefined || index + 1 >= p.entries) return [];
  const [from = 0, to = 0] = await numbers(bytes, p, index, 2);
  return await numbers(bytes, i, from, to - from);
}

/** Where a row is in p: a hypersparse matrix has only the rows that are not empty, which h names. */
async function indexOfRow(bytes: SnapshotBytes, matrix: MatrixPlace, row: number): Promise<number | undefined> {
  if (!matrix.isHypersparse) return row;
  const index = await lastUpTo(bytes, matrix.h, row);
  if (index < 0) return undefined;
  return (await number(bytes, matrix.h, index)) === row ? index : undefined;
}

async function entryWith(
  bytes: SnapshotBytes,
  matrix: MatrixPlace,
  value: number,
): Promise<Omit<EdgePlace, "type"> | undefined> {
  const index = await indexOfValue(bytes, matrix, value);
  if (index === undefined) return undefined;
  const row = await lastUpTo(bytes, matrix.p, index);
  const source = matrix.isHypersparse ? await number(bytes, matrix.h, row) : row;
  return { source, target: await number(bytes, matrix.i, index) };
}

async function indexOfValue(
  bytes: SnapshotBytes,
  { entries, isUniform, x }: MatrixPlace,
  value: number,
): Promise<number | undefined> {
  const wanted = Buffer.alloc(x.width);
  wanted.writeBigUInt64LE(BigInt(value));
  const count = isUniform ? Math.min(entries, 1) : entries;
  for (let from = 0; from < count; from += entriesAtOnce) {
    const piece = await fetch(bytes, x, from, Math.min(entriesAtOnce, count - from));
    for (let at = piece.indexOf(wanted); at >= 0; at = piece.indexOf(wanted, at + 1))
      if (at % x.width === 0) return from + at / x.width;
  }
  return undefined;
}

/** Index of the last of ascending numbers that is not larger; -1 for none. Equal numbers of p are empty rows. */
async function lastUpTo(bytes: SnapshotBytes, array: MatrixArray, value: number): Promise<number> {
  let [low, high] = [0, array.entries];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((await number(bytes, array, middle)) <= value) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

async function number(bytes: SnapshotBytes, array: MatrixArray, index: number): Promise<number> {
  const [value] = await numbers(bytes, array, index, 1);
  if (value === undefined) throw new RangeError("a matrix ends early");
  return value;
}

async function numbers(bytes: SnapshotBytes, array: MatrixArray, from: number, count: number): Promise<number[]> {
  const read = await fetch(bytes, array, from, count);
  const at = (index: number): number =>
    array.width === 8 ? Number(read.readBigUInt64LE(index * 8)) : read.readUInt32LE(index * 4);
  return Array.from({ length: count }, (_, index) => at(index));
}

async function fetch(bytes: SnapshotBytes, array: MatrixArray, from: number, count: number): Promise<Buffer> {
  if (from < 0 || count < 0 || from + count > array.entries)
    throw new RangeError("a matrix names what it does not hold");
  const { span, width } = array;
  return await bytes.read({ ...span, at: span.at + from * width, length: count * width });
}
