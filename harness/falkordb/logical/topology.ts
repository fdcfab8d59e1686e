// What labels each node has and what each edge connects, in memory: about 4 bytes a node and 10 an edge. In a snapshot
// only the matrices say it, and they come after the nodes and edges (graph-matrices.ts).
import type { FrameCursor, FrameReader } from "../rdb/graph-frames.ts";
import { deltaMatrix, type MatrixArray, type MatrixPlace, parallelEntry } from "../rdb/graph-matrices.ts";
import { idsOfParallel } from "../rdb/parallel-edges.ts";

export class GraphTopology {
  /** Numbers of labels, ascending; the first set is that of a node without any. */
  readonly labelSets: (readonly number[])[] = [[]];
  /** By id of a node, its label set. */
  readonly setOf: Numbers = new Numbers(Uint32Array);
  /** By id of an edge. */
  readonly sourceOf: Numbers = new Numbers(Uint32Array);
  readonly targetOf: Numbers = new Numbers(Uint32Array);
  readonly typeOf: Numbers = new Numbers(Uint16Array);
  edges = 0;
  readonly #sets = new Map<string, number>([["", 0]]);

  *readNodeLabels(cursor: FrameCursor): FrameReader<void> {
    const { main, added, removed } = yield* deltaMatrix(cursor, true);
    const isRemoved = placesOf(removed);
    const addedTo = new Map<number, number[]>();
    eachRow(added, (node, labels) => addedTo.set(node, labels));
    eachRow(main, (node, all) => {
      const labels = isRemoved.size === 0 ? all : all.filter((label) => !isRemoved.has(placeKey(node, label)));
      this.setOf.put(node, this.#setOf([...labels, ...(addedTo.get(node) ?? [])]));
      addedTo.delete(node);
    });
    for (const [node, labels] of addedTo) this.setOf.put(node, this.#setOf(labels));
  }

  *readRelation(cursor: FrameCursor): FrameReader<void> {
    const type = yield* cursor.number();
    const { main, added, removed } = yield* deltaMatrix(cursor, true);
    const isRemoved = placesOf(removed);
    eachEdge(main, (source, target, edge) => {
      if (!isRemoved.has(placeKey(source, target))) this.#connect(type, edge, source, target);
    });
    eachEdge(added, (source, target, edge) => this.#connect(type, edge, source, target));
    const shared = yield* cursor.number();
    for (const _ of shared === 0 ? [] : ["main", "added"])
      for (let left = yield* cursor.number(); left > 0; left--) {
        const { row, column, vector } = yield* parallelEntry(cursor);
        for (const edge of idsOfParallel(cursor.bytesOf(vector), vector.length)) this.#connect(type, edge, row, column);
      }
  }

  #connect(type: number, edge: number, source: number, target: number): void {
    this.sourceOf.put(edge, source);
    this.targetOf.put(edge, target);
    this.typeOf.put(edge, type);
    this.edges += 1;
  }

  #setOf(labels: readonly number[]): number {
    const sorted = labels.length < 2 ? labels : labels.toSorted((a, b) => a - b);
    const key = sorted.join();
    const known = this.#sets.get(key);
    if (known !== undefined) return known;
    this.#sets.set(key, this.labelSets.length);
    return this.labelSets.push(sorted) - 1;
  }
}

/** Numbers by an id, which grow as larger ids come. */
export class Numbers {
  #numbers: Uint32Array | Uint16Array;

  constructor(kind: Uint32ArrayConstructor | Uint16ArrayConstructor) {
    this.#numbers = new kind(1024);
  }

  put(id: number, value: number): void {
    const { length } = this.#numbers;
    if (id >= length) {
      const larger = this.#numbers instanceof Uint16Array ? Uint16Array : Uint32Array;
      const grown = new larger(Math.max(id + 1, length * 2));
      grown.set(this.#numbers);
      this.#numbers = grown;
    }
    this.#numbers[id] = value;
  }

  /** 0 where nothing was put. */
  at(id: number): number {
    return this.#numbers[id] ?? 0;
  }
}

/** A value of a matrix from here on stands for several edges, whose ids come after the matrix. */
const isShared = 0x8000_0000;

type Reader = (index: number) => number;

/** Its 32-bit words, which are not aligned in the snapshot. */
function wordsOf({ kept, entries, width }: MatrixArray): Uint32Array {
  if (kept === undefined) throw new RangeError("a matrix was not kept");
  if (kept.length < entries * width) throw new RangeError("a matrix ends early");
  const words = new Uint32Array(Math.ceil((entries * width) / 4));
  Buffer.from(words.buffer).set(kept.subarray(0, entries * width));
  return words;
}

function readerOf(array: MatrixArray): Reader {
  const words = wordsOf(array);
  return array.width === 8
    ? (index) => (words[index * 2] ?? 0) + (words[index * 2 + 1] ?? 0) * 2 ** 32
    : (index) => words[index] ?? 0;
}

/** Calls `visit` with each row that has entries, and where they begin and end. */
function eachSpan(matrix: MatrixPlace, visit: (row: number, from: number, to: number) => void): void {
  if (matrix.entries === 0) return;
  const { isHypersparse, h, p } = matrix;
  const [rows, starts] = [isHypersparse ? readerOf(h) : undefined, readerOf(p)];
  for (let index = 0; index + 1 < p.entries; index++) {
    const [from, to] = [starts(index), starts(index + 1)];
    if (to > from) visit(rows === undefined ? index : rows(index), from, to);
  }
}

function eachRow(matrix: MatrixPlace, visit: (row: number, columns: number[]) => void): void {
  if (matrix.entries === 0) return;
  const column = readerOf(matrix.i);
  eachSpan(matrix, (row, from, to) =>
    visit(
      row,
      Array.from({ length: to - from }, (_, index) => column(from + index)),
    ),
  );
}

/** Calls `visit` with each edge that is alone between its ends in its type. */
function eachEdge(matrix: MatrixPlace, visit: (source: number, target: number, edge: number) => void): void {
  if (matrix.entries === 0) return;
  const { isUniform, x, i } = matrix;
  if (x.width !== 8) throw new RangeError(`ids of edges have ${x.width} bytes`);
  const [column, values] = [readerOf(i), wordsOf(x)];
  eachSpan(matrix, (row, from, to) => {
    for (let index = from; index < to; index++) {
      const at = isUniform ? 0 : index * 2;
      const high = values[at + 1] ?? 0;
      if (high < isShared) visit(row, column(index), (values[at] ?? 0) + high * 2 ** 32);
    }
  });
}

function placesOf(matrix: MatrixPlace): ReadonlySet<number> {
  const places = new Set<number>();
  eachRow(matrix, (row, columns) => {
    for (const column of columns) places.add(placeKey(row, column));
  });
  return places;
}

/** One number for a row and a column, of which no graph that fits into memory has as many. */
function placeKey(row: number, column: number): number {
  return row * 2 ** 26 + column;
}
