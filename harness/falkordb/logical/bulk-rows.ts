// Rows of GRAPH.BULK, of one label set or type each (bulk-encoder.ts has the format). The values come as they are to be
// sent; those that only a query can write stay absent.
import { BulkBuffer, bulkType } from "../load/bulk-buffer.ts";
import type { DecodedEntity } from "./entity-decoder.ts";
import { queryType } from "./value-bytes.ts";

const bufferBytes = 8 * 1024;

interface Token {
  readonly start: number;
  count: number;
}

/** Rows of one heading: labels joined by ":", or a type. */
export class BulkRows {
  readonly #heading: string;
  readonly #propertyKeys: readonly string[];
  readonly #buffer = new BulkBuffer(Buffer.allocUnsafeSlow(bufferBytes));
  /** Numbers of the property keys that rows have; those that come later begin a new token. */
  readonly #columns: number[] = [];
  readonly #hasColumn = new Set<number>();
  #tokens: Token[] = [];

  constructor(heading: string, propertyKeys: readonly string[]) {
    this.#heading = heading;
    this.#propertyKeys = propertyKeys;
  }

  get bytes(): number {
    return this.#buffer.position;
  }

  /** `ends` are the nodes that an edge connects; `isAbsent` says which properties are left out. */
  add(
    entity: DecodedEntity,
    isAbsent: (index: number) => boolean,
    ends?: readonly [source: number, target: number],
  ): void {
    const { count, keys, starts, ends: valueEnds, values } = entity;
    const placeOf = new Map<number, number>();
    for (let index = 0; index < count; index++) if (!isAbsent(index)) placeOf.set(keys[index] ?? -1, index);
    // The engine counts rows by their bytes: nodes without any column would be lost without an error.
    const isEmpty = ends === undefined && placeOf.size === 0 && this.#columns.length === 0;
    this.#rowWith(isEmpty ? [0] : placeOf.keys());
    const buffer = this.#buffer;
    buffer.reserve(values.position + this.#columns.length + 16);
    if (ends !== undefined) {
      buffer.uint64(ends[0]);
      buffer.uint64(ends[1]);
    }
    for (const column of this.#columns) {
      const place = placeOf.get(column);
      if (place === undefined) buffer.byte(bulkType.null);
      else this.#value(values, starts[place] ?? 0, valueEnds[place] ?? 0);
    }
  }

  /** The tokens since they were last taken, each a copy. */
  take(): { readonly tokens: readonly Buffer[]; readonly rows: number } {
    const { bytes, position } = this.#buffer;
    const tokens = this.#tokens.map(({ start }, index) =>
      Buffer.from(bytes.subarray(start, this.#tokens[index + 1]?.start ?? position)),
    );
    const rows = this.#tokens.reduce((sum, { count }) => sum + count, 0);
    this.#tokens = [];
    this.#buffer.reset(bytes);
    return { tokens, rows };
  }

  #rowWith(keys: Iterable<number>): void {
    let isNew = this.#tokens.length === 0;
    for (const key of keys) {
      if (this.#hasColumn.has(key)) continue;
      this.#hasColumn.add(key);
      this.#columns.push(key);
      isNew = true;
    }
    const buffer = this.#buffer;
    if (isNew) {
      this.#tokens.push({ start: buffer.position, count: 0 });
      const names = this.#columns.map((key) => this.#propertyKeys[key] ?? "");
      buffer.characters(this.#heading);
      buffer.byte(0);
      buffer.uint32(names.length);
      for (const name of names) {
        buffer.characters(name);
        buffer.byte(0);
      }
    }
    const token = this.#tokens.at(-1);
    if (token !== undefined) token.count += 1;
  }

  /** A vector goes as an array of doubles, which a query makes a vector of (vectors.ts). */
  #value(values: BulkBuffer, from: number, to: number): void {
    const buffer = this.#buffer;
    if (!isVectorAt(values, from)) {
      buffer.position += values.bytes.copy(buffer.bytes, buffer.position, from, to);
      return;
    }
    const length = values.view.getUint32(from + 1, true);
    buffer.reserve(length * 9 + values.position);
    buffer.array(length);
    for (let at = from + 5; at < to; at += 4) buffer.double(values.view.getFloat32(at, true));
  }
}

export function isVectorAt({ bytes }: BulkBuffer, at: number): boolean {
  return bytes[at] === queryType.vector;
}
