// Finds the end of a snapshot in the stream of bytes. In diskless mode the server does not know the size beforehand, so
// it sends a random mark of 40 bytes first and again at the end. The last 40 bytes are held back until it is known
// that they are not the mark; no byte is inspected twice.
import { environmentError } from "../../base/errors.ts";
import type { ReplicationLink } from "./replication-link.ts";

const markBytes = 40;

export type Ending =
  { readonly kind: "mark"; readonly mark: Buffer } | { readonly kind: "length"; readonly bytes: number };

/** Reads `$EOF:<40 bytes>` (without a disk) or `$<length>` (from a file of the server). */
export function endingOf(header: string): Ending | undefined {
  const mark = /^\$EOF:([0-9a-zA-Z]{40})$/.exec(header)?.[1];
  if (mark !== undefined) return { kind: "mark", mark: Buffer.from(mark, "latin1") };
  const bytes = /^\$(\d+)$/.exec(header)?.[1];
  return bytes === undefined ? undefined : { kind: "length", bytes: Number(bytes) };
}

/** The part of a connection that the reader needs. */
export type ByteSource = Pick<ReplicationLink, "fill">;

export class SnapshotReader {
  readonly #source: ByteSource;
  readonly #ending: Ending;
  readonly #held = Buffer.alloc(markBytes);
  #heldBytes = 0;
  #bytes = 0;
  #ended = false;

  constructor(source: ByteSource, ending: Ending) {
    this.#source = source;
    this.#ending = ending;
  }

  /** Bytes by which a block must be longer than the part read into it. */
  static readonly slackBytes: number = markBytes;

  /** Bytes of the snapshot returned so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Reads the next part into `block`, at most its length minus `slackBytes`. Fewer bytes mean that the snapshot has
   * ended; zero that it had ended before.
   */
  async read(block: Buffer): Promise<number> {
    if (this.#ended) return 0;
    const part = await (this.#ending.kind === "mark"
      ? this.#readToMark(block, this.#ending.mark)
      : this.#readLength(block, this.#ending.bytes));
    this.#bytes += part;
    return part;
  }

  async #readToMark(block: Buffer, mark: Buffer): Promise<number> {
    const from = this.#held.copy(block, 0, 0, this.#heldBytes);
    // The server sends nothing after the mark until it is acknowledged, so the mark can only be at the very end.
    const atMark = (filled: number): boolean =>
      filled >= markBytes &&
      block[filled - 1] === mark[markBytes - 1] &&
      block.subarray(filled - markBytes, filled).equals(mark);
    const filled = await this.#source.fill(block, from, atMark);
    this.#ended = atMark(filled);
    const part = filled - markBytes;
    this.#heldBytes = block.copy(this.#held, 0, part, filled);
    return part;
  }

  async #readLength(block: Buffer, total: number): Promise<number> {
    const part = Math.min(block.length - markBytes, total - this.#bytes);
    const filled = part === 0 ? 0 : await this.#source.fill(block.subarray(0, part), 0, () => false);
    if (filled !== part) throw environmentError(`the snapshot ended after ${this.#bytes + filled} of ${total} bytes`);
    this.#ended = this.#bytes + part === total;
    return part;
  }
}
