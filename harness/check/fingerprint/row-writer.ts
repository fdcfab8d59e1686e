// Writes records straight into the bytes of an EntityRow: without intermediate objects and strings, the expectation of
// a million records takes half the time.
import type { Draw } from "../../../generators/random.ts";
import { embedding } from "../../../generators/values/embedding.ts";
import type { RecordKind, RecordWriter } from "../../../generators/records/record-writer.ts";
import {
  entityName,
  entityNameInto,
  type Pool,
  proseInto,
  proseLimit,
  type TextPools,
} from "../../../generators/values/text.ts";
import { isoInto } from "../../../generators/values/time.ts";
import { printDouble, tags } from "./canonical.ts";
import type { EntityRow } from "./entity-row.ts";
import type { NameTable } from "./names.ts";
import { itemsOf, type RowExtras } from "./row-extras.ts";
import { TextBuffer } from "./text-buffer.ts";

/** Bytes reserved in advance: more than any single text that is written without a check. */
const room = 4096;

export class RowWriter implements RecordWriter {
  readonly #row: EntityRow;
  readonly #extras: RowExtras;
  readonly #names: NameTable;
  readonly #buffer: TextBuffer = new TextBuffer();
  readonly #namesOf = new Map<RecordKind, readonly number[]>();
  #kindNames: readonly number[] = [];
  #next = 0;
  #listLeft = -1;
  #listMark = 0;
  #start = 0;
  /** Kind of the current record; the next fields are its id or its ends. */
  kind: RecordKind = { labels: [], names: [] };
  id = 0;
  source = 0;
  target = 0;

  constructor(row: EntityRow, extras: RowExtras, names: NameTable) {
    this.#row = row;
    this.#extras = extras;
    this.#names = names;
  }

  node(kind: RecordKind, id: number): void {
    this.#begin(kind);
    this.id = id;
  }

  edge(kind: RecordKind, source: number, target: number): void {
    this.#begin(kind);
    this.source = source;
    this.target = target;
  }

  absent(): void {
    this.#next += 1;
  }

  uuid(draw: Draw): void {
    this.#open();
    draw.uuidInto(this.#buffer.view, this.#buffer.end);
    this.#buffer.end += 36;
    this.#close(tags.String);
  }

  text(text: string): void {
    this.#open();
    this.#append(text);
    this.#close(tags.String);
  }

  instant(us: number, utc: boolean): void {
    this.#open();
    this.#buffer.end = isoInto(us, utc, this.#buffer.view, this.#buffer.end);
    this.#close(tags.String);
  }

  integer(value: number): void {
    this.#open();
    this.#append(String(value));
    this.#close(tags.Integer);
  }

  double(value: number): void {
    const name = this.#names.name(this.#name());
    this.#extras.double(this.#listLeft < 0 ? name : itemsOf(name), value);
    this.#open();
    this.#append(printDouble(value));
    this.#close(tags.Float);
  }

  boolean(value: boolean): void {
    this.#open();
    this.#append(String(value));
    this.#close(tags.Boolean);
  }

  vector(property: string, draw: Draw, dims: number): void {
    this.#extras.vector(property, embedding(draw, dims));
    this.#open();
    this.#close(tags.Vectorf32);
  }

  list(length: number): void {
    this.#listMark = this.#row.openList();
    this.#listLeft = length;
    if (length === 0) this.#closeList();
  }

  textBegin(): void {
    this.#open();
  }

  add(text: string): void {
    this.#append(text);
  }

  addPooled(pool: Pool, k: number): void {
    this.#reserve(room);
    this.#buffer.end = pool.into(k, this.#buffer.view, this.#buffer.end);
  }

  addName(pools: TextPools, entity: number): void {
    this.#reserve(room);
    const end = entityNameInto(pools, entity, this.#buffer.view, this.#buffer.end);
    if (end === undefined) this.#append(entityName(pools, entity));
    else this.#buffer.end = end;
  }

  addProse(pools: TextPools, draw: Draw, length: number): void {
    this.#reserve(proseLimit(length) + room);
    this.#buffer.end = proseInto(pools, draw, length, this.#buffer.view, this.#buffer.end);
  }

  addInstant(us: number): void {
    this.#reserve(room);
    this.#buffer.end = isoInto(us, false, this.#buffer.view, this.#buffer.end);
  }

  textEnd(): void {
    this.#close(tags.String);
  }

  #begin(kind: RecordKind): void {
    this.kind = kind;
    let names = this.#namesOf.get(kind);
    if (names === undefined) this.#namesOf.set(kind, (names = kind.names.map((name) => this.#names.of(name))));
    this.#kindNames = names;
    this.#next = 0;
    this.#listLeft = -1;
    this.#buffer.end = 0;
    this.#row.begin(this.#buffer.view);
    this.#extras.clear();
  }

  #open(): void {
    this.#reserve(room);
    this.#start = this.#buffer.end;
  }

  #close(tag: number): void {
    if (this.#listLeft < 0) {
      this.#row.scalar(this.#name(), tag, this.#start, this.#buffer.end);
      this.#next += 1;
      return;
    }
    this.#row.hash(tag, this.#start, this.#buffer.end);
    this.#row.item(tag);
    this.#listLeft -= 1;
    if (this.#listLeft === 0) this.#closeList();
  }

  #closeList(): void {
    this.#row.closeList(this.#name(), this.#listMark);
    this.#next += 1;
    this.#listLeft = -1;
  }

  #name(): number {
    return this.#kindNames[this.#next] ?? 0;
  }

  #append(text: string): void {
    this.#buffer.append(text);
    this.#row.view = this.#buffer.view;
  }

  #reserve(more: number): void {
    this.#buffer.reserve(more);
    this.#row.view = this.#buffer.view;
  }
}
