// A snapshot in a vault that is read in pieces: each part that is touched is checked, decrypted and decompressed whole
// (read-parts.ts), and the last few are kept.
import type * as openpgp from "openpgp";
import type { SnapshotBytes } from "../../falkordb/rdb/matrix-lookup.ts";
import type { StoredBlob } from "../../falkordb/rdb/graph-frames.ts";
import { lzfDecompressed } from "../../falkordb/rdb/rdb-values.ts";
import { type StoredParts, readParts } from "../parts/read-parts.ts";
import type { Store } from "../store/store.ts";

const partsKept = 3;
/** A longer string that the server has compressed would have to be decompressed whole. */
const compressedMax = 32 * 2 ** 20;

export class StoredSnapshot implements SnapshotBytes {
  readonly #store: Store;
  readonly #stored: StoredParts;
  readonly #keys: readonly openpgp.PrivateKey[];
  readonly #signal: AbortSignal;
  readonly #starts: readonly number[];
  readonly #kept = new Map<number, Promise<Buffer>>();
  /** The last string that was decompressed. */
  #string: { readonly at: number; readonly bytes: Buffer } | undefined;

  constructor(store: Store, stored: StoredParts, keys: readonly openpgp.PrivateKey[], signal: AbortSignal) {
    this.#store = store;
    this.#stored = stored;
    this.#keys = keys;
    this.#signal = signal;
    let at = 0;
    this.#starts = stored.parts.map(({ rawBytes }) => (at += rawBytes) - rawBytes);
  }

  async read({ frame, at, length }: StoredBlob): Promise<Buffer> {
    if (at + length > frame.length) throw new RangeError("more is read than a string holds");
    if (!frame.isCompressed) return await this.#bytes(frame.contentAt + at, length);
    if (this.#string?.at !== frame.at) {
      if (frame.length > compressedMax)
        throw new RangeError(`the server has compressed ${frame.length} bytes of a matrix as one string`);
      const stored = await this.#bytes(frame.contentAt, frame.storedBytes);
      this.#string = { at: frame.at, bytes: lzfDecompressed(stored, frame.length) };
    }
    return this.#string.bytes.subarray(at, at + length);
  }

  /** All bytes from this offset on, in pieces. */
  async *from(offset: number): AsyncGenerator<Buffer> {
    for (let index = this.#indexOf(offset); index < this.#starts.length; index++) {
      const part = await this.#part(index);
      yield part.subarray(Math.max(0, offset - (this.#starts[index] ?? 0)));
    }
  }

  async #bytes(offset: number, length: number): Promise<Buffer> {
    const pieces: Buffer[] = [];
    for (let index = this.#indexOf(offset), left = length; left > 0; index++) {
      const at = offset + length - left - (this.#starts[index] ?? 0);
      const piece = (await this.#part(index)).subarray(at, at + left);
      if (piece.length === 0) throw new RangeError("more is read than the snapshot holds");
      pieces.push(piece);
      left -= piece.length;
    }
    return pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces);
  }

  #indexOf(offset: number): number {
    return this.#starts.findLastIndex((start) => start <= offset);
  }

  async #part(index: number): Promise<Buffer> {
    const part = this.#kept.get(index) ?? this.#open(index);
    // The one that was used last comes last.
    this.#kept.delete(index);
    this.#kept.set(index, part);
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= partsKept) break;
      this.#kept.delete(oldest);
    }
    return await part;
  }

  async #open(index: number): Promise<Buffer> {
    const parts = this.#stored.parts.slice(index, index + 1);
    for await (const part of readParts(this.#store, { ...this.#stored, parts }, this.#keys, this.#signal)) return part;
    throw new RangeError("more is read than the snapshot holds");
  }
}
