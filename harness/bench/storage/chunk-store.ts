// A prototype, to be measured and not to be used: full backups that share what did not change. The snapshot is cut where
// its content says so, by a gear hash whose table comes from a secret key; a chunk's name is an HMAC of its content, so
// that neither cuts nor names betray what is in it. New chunks are compressed and encrypted together, in packs.
import { createCipheriv, createHmac, randomBytes } from "node:crypto";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { compress } from "../../vault/parts/compression.ts";

export interface ChunkSizes {
  readonly minBytes: number;
  /** The mean beyond the least is two to this. */
  readonly bits: number;
  readonly maxBytes: number;
}

/** About 4 to 8 KiB, which is what dumps of the engine need (docs/benchmarks.md). */
export const chunkSizes: ChunkSizes = { minBytes: 2048, bits: 12, maxBytes: 65_536 };

const packBytes = 4 * 2 ** 20;
const idBytes = 16;
/** In the list of a backup: the name and the size of each chunk. */
const referenceBytes = idBytes + 4;
const readBytes = 4 * 2 ** 20;

export class ChunkStore {
  readonly #folder: string;
  readonly #key: Buffer;
  readonly #sizes: ChunkSizes;
  readonly #gear: Uint32Array;
  readonly #known = new Set<string>();
  #pack: Buffer[] = [];
  #packed = 0;
  #packs = 0;
  #stored = 0;

  constructor(folder: string, key: Buffer, sizes: ChunkSizes = chunkSizes) {
    this.#folder = folder;
    this.#key = key;
    this.#sizes = sizes;
    this.#gear = Uint32Array.from({ length: 256 }, (_, byte) =>
      createHmac("sha256", key).update(`gear ${byte}`).digest().readUInt32LE(),
    );
  }

  /** Stores a snapshot; gives the bytes that this added to the folder. */
  async store(
    file: string,
  ): Promise<{ readonly storedBytes: number; readonly chunks: number; readonly fresh: number }> {
    const before = { stored: this.#stored, known: this.#known.size };
    let chunks = 0;
    for await (const chunk of this.chunksOf(file)) {
      chunks += 1;
      await this.#add(chunk);
    }
    await this.#seal();
    // The list of the chunks is of random names, which do not compress.
    this.#stored += chunks * referenceBytes;
    return { storedBytes: this.#stored - before.stored, chunks, fresh: this.#known.size - before.known };
  }

  /** The pieces of a file, in order; a piece is valid until the next one is asked for. */
  async *chunksOf(file: string): AsyncGenerator<Buffer> {
    await using handle = await open(file);
    let rest: Buffer = Buffer.alloc(0);
    for (;;) {
      const { bytesRead, buffer } = await handle.read({ buffer: Buffer.allocUnsafe(readBytes) });
      let bytes = Buffer.concat([rest, buffer.subarray(0, bytesRead)]);
      const least = bytesRead === 0 ? 1 : this.#sizes.maxBytes;
      while (bytes.length >= least) {
        const end = this.#cut(bytes);
        yield bytes.subarray(0, end);
        bytes = bytes.subarray(end);
      }
      if (bytesRead === 0) return;
      rest = bytes;
    }
  }

  #cut(bytes: Buffer): number {
    const { minBytes, bits, maxBytes } = this.#sizes;
    const end = Math.min(bytes.length, maxBytes);
    const mask = (2 ** bits - 1) << (32 - bits);
    let hash = 0;
    // The hash depends on the last 32 bytes only.
    for (let at = Math.max(0, minBytes - 32); at < end; at++) {
      hash = ((hash << 1) + (this.#gear[bytes[at] as number] as number)) | 0;
      if (at >= minBytes && (hash & mask) === 0) return at + 1;
    }
    return end;
  }

  async #add(chunk: Buffer): Promise<void> {
    const id = createHmac("sha256", this.#key)
      .update(chunk)
      .digest("hex")
      .slice(0, 2 * idBytes);
    if (this.#known.has(id)) return;
    this.#known.add(id);
    this.#pack.push(Buffer.from(chunk));
    this.#packed += chunk.length;
    if (this.#packed >= packBytes) await this.#seal();
  }

  async #seal(): Promise<void> {
    if (this.#packed === 0) return;
    const nonce = randomBytes(12);
    const cipher = createCipheriv("aes-256-gcm", this.#key, nonce);
    const compressed = compress(Buffer.concat(this.#pack));
    const sealed = Buffer.concat([nonce, cipher.update(compressed), cipher.final(), cipher.getAuthTag()]);
    const handle = await open(join(this.#folder, `pack-${this.#packs}`), "wx", 0o600);
    await handle.writeFile(sealed);
    await handle.datasync();
    await handle.close();
    this.#stored += sealed.length;
    this.#packs += 1;
    this.#pack = [];
    this.#packed = 0;
  }
}
