// Decodes whole nodes and edges of a compact reply into an EntityRow: every property with its stored type, without
// knowing the properties in advance.
import { tags, typeNames } from "../check/fingerprint/canonical.ts";
import type { EntityRow } from "../check/fingerprint/entity-row.ts";
import type { NameTable } from "../check/fingerprint/names.ts";
import { propertyOf, quotedName } from "../falkordb/client/quoted-name.ts";
import type { GraphSchema } from "./observe-schema.ts";
import type { ReplyCursor } from "../falkordb/client/read-cursor.ts";

/** Ids of a node or an edge as the engine numbers them; `labels` and `type` are positions in its schema. */
export interface EntityIds {
  id: number;
  labels: number[];
  type: number;
  source: number;
  target: number;
}

export interface EntityReader {
  /** RETURN clause of the query. */
  readonly columns: string;
  /** Reads one row; changes only `row` and `ids`. */
  readonly read: (cursor: ReplyCursor, row: EntityRow, ids: EntityIds) => void;
}

/** Reads whole nodes without vectors; else their properties, with the name of its type in place of each vector. */
export function nodeReader(
  schema: GraphSchema,
  names: NameTable,
  vectors: readonly string[],
  byName: boolean = vectors.length > 0,
): EntityReader {
  const keys = schema.propertyKeys.map((key) => names.of(key));
  if (byName) {
    const readMap = mapReader(schema, names, vectors);
    const read: EntityReader["read"] = (cursor, row, ids) => {
      cursor.array();
      ids.id = integerCell(cursor);
      cursor.array();
      cursor.integer();
      ids.labels.length = cursor.array();
      for (let at = 0; at < ids.labels.length; at += 1) ids.labels[at] = schema.labels.indexOf(stringCell(cursor));
      readMap(cursor, row);
    };
    return { columns: `id(n), labels(n), ${projection("n", vectors)}`, read };
  }
  const read: EntityReader["read"] = (cursor, row, ids) => {
    enterEntity(cursor);
    ids.id = cursor.integer();
    const labels = cursor.array();
    ids.labels.length = labels;
    for (let at = 0; at < labels; at += 1) ids.labels[at] = cursor.integer();
    readProperties(cursor, row, keys);
  };
  return { columns: "n", read };
}

export function edgeReader(
  schema: GraphSchema,
  names: NameTable,
  vectors: readonly string[],
  byName: boolean = vectors.length > 0,
): EntityReader {
  const keys = schema.propertyKeys.map((key) => names.of(key));
  if (byName) {
    const readMap = mapReader(schema, names, vectors);
    const read: EntityReader["read"] = (cursor, row, ids) => {
      cursor.array();
      ids.id = integerCell(cursor);
      ids.type = schema.types.indexOf(stringCell(cursor));
      ids.source = integerCell(cursor);
      ids.target = integerCell(cursor);
      readMap(cursor, row);
    };
    return { columns: `id(r), type(r), id(n), id(m), ${projection("r", vectors)}`, read };
  }
  const read: EntityReader["read"] = (cursor, row, ids) => {
    enterEntity(cursor);
    ids.id = cursor.integer();
    ids.type = cursor.integer();
    ids.source = cursor.integer();
    ids.target = cursor.integer();
    readProperties(cursor, row, keys);
  };
  return { columns: "r", read };
}

function projection(variable: string, vectors: readonly string[]): string {
  return `${variable} {${[".*", ...vectors.map((name) => `${quotedName(name)}: typeof(${propertyOf(variable, name)})`)].join(", ")}}`;
}

/** Reads properties as a map by name; an expected vector is replaced by the name of its stored type. */
function mapReader(
  schema: GraphSchema,
  names: NameTable,
  vectors: readonly string[],
): (cursor: ReplyCursor, row: EntityRow) => void {
  const known = new Map(schema.propertyKeys.map((key) => [key, names.of(key)]));
  const replaced = new Set(vectors.map((key) => names.of(key)));
  const tagOf = new Map(typeNames.map((name, tag) => [name, tag]));
  return (cursor, row) => {
    cursor.array();
    cursor.integer();
    row.begin(cursor.view);
    for (let left = cursor.array() / 2; left > 0; left -= 1) {
      const key = cursor.string();
      const name = known.get(key) ?? names.of(key);
      cursor.array();
      const tag = cursor.integer();
      if (!replaced.has(name)) {
        readValue(cursor, row, name, tag);
        continue;
      }
      const type = cursor.string();
      if (type !== "Null") row.scalar(name, tagOf.get(type) ?? 0, 0, 0);
    }
  };
}

function integerCell(cursor: ReplyCursor): number {
  cursor.array();
  cursor.integer();
  return cursor.integer();
}

function stringCell(cursor: ReplyCursor): string {
  cursor.array();
  cursor.integer();
  return cursor.string();
}

function enterEntity(cursor: ReplyCursor): void {
  cursor.array(); // The row, of one cell.
  cursor.array(); // The cell: type and value.
  cursor.integer();
  cursor.array();
}

function readProperties(cursor: ReplyCursor, row: EntityRow, names: readonly number[]): void {
  row.begin(cursor.view);
  for (let left = cursor.array(); left > 0; left -= 1) {
    cursor.array();
    const name = names[cursor.integer()] ?? 0;
    readValue(cursor, row, name, cursor.integer());
  }
}

function readValue(cursor: ReplyCursor, row: EntityRow, name: number, tag: number): void {
  if (tag === tags.List || tag === tags.Point) {
    const mark = readItems(cursor, row, tag);
    row.closeList(name, mark, tag);
    return;
  }
  readScalar(cursor, tag);
  row.scalar(name, tag, cursor.start, cursor.end);
}

function readItems(cursor: ReplyCursor, row: EntityRow, tag: number): number {
  const mark = row.openList();
  for (let left = cursor.array(); left > 0; left -= 1) {
    // The coordinates of a point have no types of their own.
    if (tag === tags.List) cursor.array();
    const itemTag = tag === tags.List ? cursor.integer() : tags.Float;
    if (itemTag === tags.List || itemTag === tags.Point) {
      row.closeInner(readItems(cursor, row, itemTag), itemTag);
    } else {
      readScalar(cursor, itemTag);
      row.hash(itemTag, cursor.start, cursor.end);
    }
    row.item(itemTag);
  }
  return mark;
}

/** Leaves the position of the value's bytes in the cursor, of a vector those of its whole reply. */
function readScalar(cursor: ReplyCursor, tag: number): void {
  switch (tag) {
    case tags.String:
    case tags.Boolean:
    case tags.Float:
      cursor.text();
      return;
    case tags.Integer:
    case tags.Datetime:
    case tags.Date:
    case tags.Time:
    case tags.Duration:
      cursor.integer();
      return;
    case tags.Vectorf32: {
      const start = cursor.at;
      cursor.skip();
      cursor.start = start;
      cursor.end = cursor.at;
      return;
    }
    default:
      cursor.skip();
      cursor.start = 0;
      cursor.end = 0;
  }
}
