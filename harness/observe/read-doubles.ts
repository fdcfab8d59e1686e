// Reads the bits of doubles that 15 digits do not show, computed in the engine, for every double that a property or its
// list holds. Lists inside of lists are not read.
import { doubleRestOf, tags } from "../check/fingerprint/canonical.ts";
import { DoubleTallies } from "../check/fingerprint/doubles.ts";
import { type EntityRow, itemBytes } from "../check/fingerprint/entity-row.ts";
import type { GraphFingerprint } from "../check/fingerprint/fingerprint.ts";
import { itemsOf } from "../check/fingerprint/row-extras.ts";
import type { EntityKind, Tally } from "../check/observation.ts";
import { cell, EntityKeys } from "./entity-keys.ts";
import { forEachConcurrently } from "../falkordb/client/concurrency.ts";
import { propertyOf } from "../falkordb/client/quoted-name.ts";
import type { ReadStream } from "../falkordb/client/read-stream.ts";
import { readRanges, type WholeOptions } from "../falkordb/client/read-whole.ts";

/** Node ids per query. */
const range = 100_000;
/** The same where each may have a thousand doubles, as an embedding that is stored as a list. */
const listRange = 1_000;

interface Found {
  readonly entity: EntityKind;
  readonly property: string;
  readonly inList: boolean;
}

export class DoubleReading {
  readonly #fingerprint: GraphFingerprint;
  readonly #keys: EntityKeys;
  /** Twice the id of a name, plus 1 for a list. */
  readonly #names = { NODE: new Set<number>(), RELATIONSHIP: new Set<number>() };
  readonly #found: Found[] = [];
  #lastId = -1;

  constructor(fingerprint: GraphFingerprint, keys: EntityKeys) {
    this.#fingerprint = fingerprint;
    this.#keys = keys;
  }

  node(row: EntityRow, id: number): void {
    if (id > this.#lastId) this.#lastId = id;
    this.#note("NODE", row);
  }

  edge(row: EntityRow): void {
    this.#note("RELATIONSHIP", row);
  }

  async read(streams: readonly ReadStream[], graph: string, whole: WholeOptions): Promise<Record<string, Tally>> {
    const tallies = new DoubleTallies();
    await forEachConcurrently(streams, this.#found, async (stream, { entity, property, inList }) => {
      const variable = entity === "NODE" ? "n" : "r";
      const value = propertyOf(variable, property);
      const query = {
        graph,
        match: entity === "NODE" ? "MATCH (n)" : "MATCH (n)-[r]->()",
        where: `typeof(${value}) = '${inList ? "List" : "Float"}'`,
        returns: `${EntityKeys.columns(variable)}, ${inList ? restsOf(value) : doubleRestOf(value)}`,
        edges: entity === "RELATIONSHIP",
        lastId: this.#lastId,
        size: inList ? listRange : range,
      };
      const slot = `${entity}.${inList ? itemsOf(property) : property}`;
      await readRanges([stream], query, whole, () => (cursor) => {
        cursor.array();
        this.#keys.read(cursor, entity);
        const { high, low } = this.#keys;
        if (!inList) tallies.add(slot, high, low, cell(cursor).string());
        else
          for (let left = cell(cursor).array(); left > 0; left -= 1)
            tallies.add(slot, high, low, cell(cursor).string());
      });
    });
    return tallies.result();
  }

  #note(entity: EntityKind, row: EntityRow): void {
    const names = this.#names[entity];
    for (let at = 0; at < row.count; at += 1) {
      const inList = holdsDoubles(row, at);
      if (row.tags[at] !== tags.Float && !inList) continue;
      const name = row.names[at] ?? 0;
      const slot = name * 2 + Number(inList);
      if (names.has(slot)) continue;
      names.add(slot);
      this.#found.push({ entity, property: this.#fingerprint.names.name(name), inList });
    }
  }
}

function restsOf(list: string): string {
  return `[x IN ${list} WHERE typeof(x) = 'Float' | ${doubleRestOf("x")}]`;
}

function holdsDoubles(row: EntityRow, at: number): boolean {
  if (row.tags[at] !== tags.List) return false;
  for (let item = row.starts[at] ?? 0; item < (row.ends[at] ?? 0); item += itemBytes)
    if (row.items.getUint8(item) === tags.Float) return true;
  return false;
}
