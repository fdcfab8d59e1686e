// A generated record as an EntityRow: the expected side of the comparison.
import { CypherValue, Double, type Properties, type Value } from "../../generators/model.ts";
import { printDouble, tags } from "./canonical.ts";
import type { EntityRow } from "./entity-row.ts";
import type { NameTable } from "./names.ts";

const cypherTags = {
  point: tags.Point,
  date: tags.Date,
  localtime: tags.Time,
  localdatetime: tags.Datetime,
  duration: tags.Duration,
} as const;

export class RecordRows {
  readonly #names: NameTable;
  #bytes: Buffer = Buffer.allocUnsafe(4096);
  #view: DataView = viewOf(this.#bytes);
  #end = 0;

  constructor(names: NameTable) {
    this.#names = names;
  }

  /** Makes `row` the row of these properties. */
  record(row: EntityRow, properties: Properties): void {
    row.begin(this.#view);
    this.#end = 0;
    for (const key in properties) {
      const value = properties[key];
      if (value === undefined) continue;
      const name = this.#names.of(key);
      if (isList(value)) {
        const mark = row.openList();
        for (const item of value) this.#item(row, item);
        row.closeList(name, mark);
      } else if (isPoint(value)) {
        row.closeList(name, this.#coordinates(row, value), tags.Point);
      } else {
        const start = this.#end;
        const tag = this.#write(row, value);
        row.scalar(name, tag, start, this.#end);
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
      const start = this.#end;
      const tag = this.#write(row, value);
      row.hash(tag, start, this.#end);
      row.item(tag);
    }
  }

  /** A reply gives a point as its two coordinates, `latitude,longitude`. */
  #coordinates(row: EntityRow, point: CypherValue): number {
    const mark = row.openList();
    for (const coordinate of point.canonical.split(",")) {
      const start = this.#end;
      const tag = this.#text(row, coordinate, tags.Float);
      row.hash(tag, start, this.#end);
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
    // The content of vectors is compared apart (vectors.ts); here it counts that there is one.
    return tags.Vectorf32;
  }

  #text(row: EntityRow, text: string, tag: number): number {
    const length = text.length;
    if (this.#end + length * 3 > this.#bytes.length) this.#grow(row, length * 3);
    const start = this.#end;
    // A call into the runtime costs more than a short text does.
    if (length <= 48) {
      let at = 0;
      for (; at < length; at += 1) {
        const code = text.charCodeAt(at);
        if (code > 127) break;
        this.#bytes[start + at] = code;
      }
      if (at === length) {
        this.#end = start + length;
        return tag;
      }
    }
    this.#end = start + this.#bytes.write(text, start, "utf8");
    return tag;
  }

  #grow(row: EntityRow, more: number): void {
    const grown = Buffer.allocUnsafe((this.#end + more) * 2);
    this.#bytes.copy(grown, 0, 0, this.#end);
    this.#bytes = grown;
    this.#view = viewOf(grown);
    row.view = this.#view;
  }
}

function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

function isPoint(value: Value): value is CypherValue {
  return value instanceof CypherValue && value.type === "point";
}

function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}
