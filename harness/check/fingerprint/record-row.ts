// A generated record as an EntityRow: the expected side of the comparison.
import { CypherValue, Double, type Properties, type Value } from "../../../generators/model.ts";
import { printDouble, tags } from "./canonical.ts";
import type { EntityRow } from "./entity-row.ts";
import type { NameTable } from "./names.ts";
import { itemsOf, RowExtras } from "./row-extras.ts";
import { TextBuffer } from "./text-buffer.ts";

const cypherTags = {
  point: tags.Point,
  date: tags.Date,
  localtime: tags.Time,
  localdatetime: tags.Datetime,
  duration: tags.Duration,
} as const;

export class RecordRows {
  readonly #names: NameTable;
  readonly #extras: RowExtras;
  readonly #buffer: TextBuffer = new TextBuffer();

  constructor(names: NameTable, extras: RowExtras = new RowExtras()) {
    this.#names = names;
    this.#extras = extras;
  }

  /** Fills `row` with these properties. */
  record(row: EntityRow, properties: Properties): void {
    this.#buffer.end = 0;
    row.begin(this.#buffer.view);
    this.#extras.clear();
    for (const key in properties) {
      const value = properties[key];
      if (value === undefined) continue;
      const name = this.#names.of(key);
      if (value instanceof Double) this.#extras.double(key, value.value);
      else if (value instanceof Float32Array) this.#extras.vector(key, value);
      if (isList(value)) {
        const mark = row.openList();
        for (const item of value) {
          if (item instanceof Double) this.#extras.double(itemsOf(key), item.value);
          this.#item(row, item);
        }
        row.closeList(name, mark);
      } else if (isPoint(value)) {
        row.closeList(name, this.#coordinates(row, value), tags.Point);
      } else {
        const start = this.#buffer.end;
        const tag = this.#write(row, value);
        row.scalar(name, tag, start, this.#buffer.end);
      }
    }
  }

  #item(row: EntityRow, value: Value): void {
    if (isList(value)) {
      const mark = row.openList();
      for (const item of value) this.#item(row, item);
      row.closeInner(mark);
      row.item(tags.List);
    } else if (isPoint(value)) {
      row.closeInner(this.#coordinates(row, value), tags.Point);
      row.item(tags.Point);
    } else {
      const start = this.#buffer.end;
      const tag = this.#write(row, value);
      row.hash(tag, start, this.#buffer.end);
      row.item(tag);
    }
  }

  /** A reply contains a point as its two coordinates, `latitude,longitude`. */
  #coordinates(row: EntityRow, point: CypherValue): number {
    const mark = row.openList();
    for (const coordinate of point.canonical.split(",")) {
      const start = this.#buffer.end;
      const tag = this.#text(row, coordinate, tags.Float);
      row.hash(tag, start, this.#buffer.end);
      row.item(tag);
    }
    return mark;
  }

  #write(row: EntityRow, value: Exclude<Value, readonly Value[]>): number {
    if (typeof value === "string") return this.#text(row, value, tags.String);
    if (typeof value === "number" || typeof value === "bigint") return this.#text(row, String(value), tags.Integer);
    if (typeof value === "boolean") return this.#text(row, String(value), tags.Boolean);
    if (value instanceof Double) return this.#text(row, printDouble(value.value), tags.Float);
    if (value instanceof CypherValue) return this.#text(row, value.canonical, cypherTags[value.type]);
    // The content of vectors is compared separately (vectors.ts); here only their presence counts.
    return tags.Vectorf32;
  }

  #text(row: EntityRow, text: string, tag: number): number {
    this.#buffer.append(text);
    row.view = this.#buffer.view;
    return tag;
  }
}

function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

function isPoint(value: Value): value is CypherValue {
  return value instanceof CypherValue && value.type === "point";
}
