// Records are described once, value by value, to a writer: one writer makes objects of them, another (in the loader)
// writes them straight into a buffer. So the bytes that are loaded and the records that are expected have one source.
import type { Draw } from "../random.ts";
import type { Pool, TextPools } from "../values/text.ts";

/** The property names of one kind of record, in the order in which its values are written. */
export interface RecordKind {
  /** Labels of a node; the one type of an edge. */
  readonly labels: readonly string[];
  readonly names: readonly string[];
}

/** Takes one record after the other: `node` or `edge`, then one value (or `absent`) per name of the kind, in order. */
export interface RecordWriter {
  node(kind: RecordKind, id: number): void;
  edge(kind: RecordKind, source: number, target: number): void;
  absent(): void;
  uuid(draw: Draw): void;
  text(text: string): void;
  instant(us: number, utc: boolean): void;
  integer(value: number): void;
  double(value: number): void;
  boolean(value: boolean): void;
  vector(property: string, draw: Draw, dims: number): void;
  /** The next `length` values are its items. */
  list(length: number): void;
  /** A text made of parts, until `textEnd`. */
  textBegin(): void;
  add(text: string): void;
  addPooled(pool: Pool, k: number): void;
  addName(pools: TextPools, entity: number): void;
  addProse(pools: TextPools, draw: Draw, length: number): void;
  addInstant(us: number): void;
  textEnd(): void;
}
