// Reads the bits of doubles that 15 digits do not show, computed in the engine, for every double found.
import { doubleRestOf, tags } from "../check/fingerprint/canonical.ts";
import { DoubleTallies } from "../check/fingerprint/doubles.ts";
import type { EntityRow } from "../check/fingerprint/entity-row.ts";
import type { GraphFingerprint, Kind } from "../check/fingerprint/fingerprint.ts";
import type { EntityKind, Tally } from "../check/observation.ts";
import { cell, EntityKeys } from "./entity-keys.ts";
import { forEachConcurrently } from "../falkordb/client/concurrency.ts";
import type { ReadStream } from "../falkordb/client/read-stream.ts";
import { readRanges, type WholeOptions } from "../falkordb/client/read-whole.ts";

/** Node ids per query. */
const range = 100_000;

interface Found {
  readonly entity: EntityKind;
  readonly kind: string;
  readonly property: string;
}

export class DoubleReading {
  readonly #fingerprint: GraphFingerprint;
  readonly #keys: EntityKeys;
  readonly #names = new Map<Kind, Set<number>>();
  readonly #found: Found[] = [];
  #lastId = -1;

  constructor(fingerprint: GraphFingerprint, keys: EntityKeys) {
    this.#fingerprint = fingerprint;
    this.#keys = keys;
  }

  node(row: EntityRow, id: number, kind: Kind): void {
    if (id > this.#lastId) this.#lastId = id;
    this.#note("NODE", row, kind);
  }

  edge(row: EntityRow, _ids: unknown, kind: Kind): void {
    this.#note("RELATIONSHIP", row, kind);
  }

  async read(streams: readonly ReadStream[], graph: string, whole: WholeOptions): Promise<Record<string, Tally>> {
    const tallies = new DoubleTallies();
    await forEachConcurrently(streams, this.#found, async (stream, { entity, kind, property }) => {
      const variable = entity === "NODE" ? "n" : "r";
      const value = `${variable}.\`${property}\``;
      const { match, conditions } = patternOf(entity, kind);
      const query = {
        graph,
        match,
        where: [...conditions, `typeof(${value}) = 'Float'`].join(" AND "),
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

  #note(entity: EntityKind, row: EntityRow, kind: Kind): void {
    for (let at = 0; at < row.count; at += 1) {
      if (row.tags[at] !== tags.Float) continue;
      const name = row.names[at] ?? 0;
      let names = this.#names.get(kind);
      if (names === undefined) this.#names.set(kind, (names = new Set()));
      if (names.has(name)) continue;
      names.add(name);
      this.#found.push({ entity, kind: kind.name, property: this.#fingerprint.names.name(name) });
    }
  }
}

/** Pattern that matches only entities of one kind: those with more labels are queried with their own label set. */
function patternOf(entity: EntityKind, kind: string): { match: string; conditions: readonly string[] } {
  if (entity === "RELATIONSHIP") return { match: `MATCH (n)-[r:\`${kind}\`]->()`, conditions: [] };
  const labels = kind === "" ? [] : kind.split(":");
  const match = `MATCH (n${labels.map((label) => `:\`${label}\``).join("")})`;
  return { match, conditions: [`size(labels(n)) = ${labels.length}`] };
}
