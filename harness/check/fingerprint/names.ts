// Names of properties, label sets and types as small numbers with a hash each, so that a row of a million costs no
// string work.
import { hashBytes } from "./hash.ts";

export class NameTable {
  readonly #index = new Map<string, number>();
  readonly names: string[] = [];
  #seeds: Uint32Array = new Uint32Array(64);

  /** The number of a name; the same name has the same number for the life of the table. */
  of(name: string): number {
    const known = this.#index.get(name);
    if (known !== undefined) return known;
    const index = this.names.length;
    this.#index.set(name, index);
    this.names.push(name);
    if (this.#seeds.length < this.names.length * 4) {
      const grown = new Uint32Array(this.#seeds.length * 2);
      grown.set(this.#seeds);
      this.#seeds = grown;
    }
    const bytes = Buffer.from(name);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    hashBytes(view, 0, bytes.length, nameSeed, this.#seeds.subarray(index * 4, index * 4 + 4));
    return index;
  }

  name(index: number): string {
    return this.names[index] ?? "";
  }

  /** Four words a name; may be another array after the next `of`. */
  get seeds(): Uint32Array {
    return this.#seeds;
  }
}

const nameSeed = 0x6e616d65;
