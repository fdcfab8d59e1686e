// Reads the bits of doubles that 15 digits do not show, computed in the engine, for every double found.
import { doubleRestOf, tags } from "../check/fingerprint/canonical.ts";
import { DoubleTallies } from "../check/fingerprint/doubles.ts";
import type { EntityRow } from "../check/fingerprint/entity-row.ts";
import type { GraphFingerprint } from "../check/fingerprint/fingerprint.ts";
import type { EntityKind, Tally } from "../check/observation.ts";
import { cell, EntityKeys } from "./entity-keys.ts";
import { forEachConcurrently } from "../falkordb/client/concurrency.ts";
import { quoted } from "../falkordb/replay/index-definitions.ts";
import type { ReadStream } from "../falkordb/client/read-stream.ts";
import { readRanges, type WholeOptions } from "../falkordb/client/read-whole.ts";

/** Node ids per query. */
const range = 100_000;

interface Found {
  readonly entity: EntityKind;
  readonly property: string;
}

export class DoubleReading {
  readonly #fingerprint: GraphFingerprint;
  readonly #keys: EntityKeys;
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
    await forEachConcurrently(streams, this.#found, async (stream, { entity, property }) => {
      const variable = entity === "NODE" ? "n" : "r";
      const value = `${variable}.${quoted(property)}`;
      const query = {
        graph,
        match: entity === "NODE" ? "MATCH (n)" : "MATCH (n)-[r]->()",
        where: `typeof(${value}) = 'Float'`,
        returns: `${EntityKeys.columns(variable)}, ${doubleRestOf(value)}`,
        edges: entity === "RELATIONSHIP",
        lastId: this.#lastId,
        size: range,
      };
      await readRanges([stream], query, whole, () => (cursor) => {
        cursor.array();
        this.#keys.read(cursor, entity);
        const rest = cell(cursor).string();
        tallies.add(`${entity}.${property}`, this.#keys.high, this.#keys.low, rest);
      });
    });
    return tallies.result();
  }

  #note(entity: EntityKind, row: EntityRow): void {
    const names = this.#names[entity];
    for (let at = 0; at < row.count; at += 1) {
      if (row.tags[at] !== tags.Float) continue;
      const name = row.names[at] ?? 0;
      if (names.has(name)) continue;
      names.add(name);
      this.#found.push({ entity, property: this.#fingerprint.names.name(name) });
    }
  }
}
