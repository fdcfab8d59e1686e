// The key of an entity that a query returns by id: a node's from the fingerprint, an edge's from its uuid. Only the keys
// of edges without a uuid are kept, in eight bytes each.
import { tags } from "../check/fingerprint/canonical.ts";
import type { EntityRow } from "../check/fingerprint/entity-row.ts";
import type { GraphFingerprint } from "../check/fingerprint/fingerprint.ts";
import { hashBytes } from "../check/fingerprint/hash.ts";
import type { EntityKind } from "../check/observation.ts";
import type { ReplyCursor } from "../falkordb/client/read-cursor.ts";

export class EntityKeys {
  readonly #fingerprint: GraphFingerprint;
  readonly #uuid: number;
  #byId = new Uint32Array(0);
  readonly #lanes = new Uint32Array(4);
  /** The key last read. */
  high = 0;
  low = 0;

  constructor(fingerprint: GraphFingerprint) {
    this.#fingerprint = fingerprint;
    this.#uuid = fingerprint.names.of("uuid");
  }

  edge(row: EntityRow, ids: { readonly id: number }): void {
    if (row.find(this.#uuid) >= 0) return;
    const [high = 0, low = 0] = this.#fingerprint.key;
    const at = ids.id * 2;
    if (at + 1 >= this.#byId.length) {
      const grown = new Uint32Array(Math.max(1024, at * 2 + 2));
      grown.set(this.#byId);
      this.#byId = grown;
    }
    this.#byId[at] = high;
    this.#byId[at + 1] = low;
  }

  /** Columns that a query must return for `read`. */
  static columns(variable: string): string {
    return `id(${variable}), ${variable}.uuid`;
  }

  /** Reads those two columns and stores the key in `high` and `low`; returns the id. */
  read(cursor: ReplyCursor, entity: EntityKind): number {
    const id = integerCell(cursor);
    cursor.array();
    const tag = cursor.integer();
    if (tag !== tags.String) {
      cursor.skip();
      this.#fromId(entity, id);
      return id;
    }
    cursor.text();
    if (entity === "NODE") this.#fromId(entity, id);
    else {
      hashBytes(cursor.view, cursor.start, cursor.end, tags.String, this.#lanes);
      [this.high = 0, this.low = 0] = this.#lanes;
    }
    return id;
  }

  #fromId(entity: EntityKind, id: number): void {
    if (entity === "NODE") {
      this.high = this.#fingerprint.keyWord(id, 0);
      this.low = this.#fingerprint.keyWord(id, 1);
      return;
    }
    this.high = this.#byId[id * 2] ?? 0;
    this.low = this.#byId[id * 2 + 1] ?? 0;
  }
}

/** Enters a cell whose type is known. */
export function cell(cursor: ReplyCursor): ReplyCursor {
  cursor.array();
  cursor.integer();
  return cursor;
}

export function integerCell(cursor: ReplyCursor): number {
  return cell(cursor).integer();
}
