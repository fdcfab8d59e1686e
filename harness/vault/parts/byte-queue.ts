// A queue between the stream and the parts of a segment: bytes go in as they come and come out in blocks. A writer
// waits while too much is queued, which holds the source back when the vault is slow. What follows the last boundary
// stays in the queue, because the segment may end there; only a command larger than the queue goes out in part.
import { SnapshotReader } from "../../falkordb/replication/replication-snapshot.ts";
import type { PartSource } from "./write-parts.ts";

export class ByteQueue implements PartSource {
  readonly #maxBytes: number;
  #chunks: Buffer[] = [];
  /** Byte counts since the start: received, releasable, and taken out. */
  #written = 0;
  #readable = 0;
  #given = 0;
  #hasEnded = false;
  #failure: Error | undefined;
  #wakeReader: (() => void) | undefined;
  #wakeWriter: (() => void) | undefined;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Number of bytes taken out. */
  get bytes(): number {
    return this.#given;
  }

  get queuedBytes(): number {
    return this.#written - this.#given;
  }

  /** Appends the bytes. `boundary` is how many of all bytes are before the last boundary. */
  async write(bytes: Buffer, boundary: number): Promise<void> {
    this.#chunks.push(bytes);
    this.#written += bytes.length;
    this.#readable = Math.max(this.#readable, boundary);
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure;
      if (this.queuedBytes <= this.#maxBytes) break;
      if (this.#readable - this.#given < this.#maxBytes / 2) this.#readable = this.#written;
      this.#wake("reader");
      await new Promise<void>((resolve) => (this.#wakeWriter = resolve));
    }
    this.#wake("reader");
  }

  /** False when bytes after `boundary` went out already. */
  canEndAt(boundary: number): boolean {
    return this.#given <= boundary;
  }

  /** Ends the queue at `boundary`; returns what was queued after it. */
  endAt(boundary: number): Buffer {
    const rest = Buffer.concat(this.#chunks).subarray(boundary - this.#given);
    this.#readable = boundary;
    this.#hasEnded = true;
    this.#wake("reader");
    return Buffer.from(rest);
  }

  /** Fails the queue: waiting callers get this error. */
  fail(error: Error): void {
    this.#failure ??= error;
    this.#wake("reader");
    this.#wake("writer");
  }

  /** Fills a block less its slack; fewer bytes mean that the segment has ended. */
  async read(block: Buffer): Promise<number> {
    const wanted = block.length - SnapshotReader.slackBytes;
    while (this.#readable - this.#given < wanted && !this.#hasEnded && this.#failure === undefined)
      await new Promise<void>((resolve) => (this.#wakeReader = resolve));
    if (this.#failure !== undefined) throw this.#failure;
    const take = Math.min(wanted, this.#readable - this.#given);
    for (let filled = 0; filled < take;) {
      const [first] = this.#chunks;
      if (first === undefined) break;
      const copied = first.copy(block, filled, 0, Math.min(first.length, take - filled));
      filled += copied;
      if (copied === first.length) this.#chunks.shift();
      else this.#chunks[0] = first.subarray(copied);
    }
    this.#given += take;
    this.#wake("writer");
    return take;
  }

  #wake(whom: "reader" | "writer"): void {
    const wake = whom === "reader" ? this.#wakeReader : this.#wakeWriter;
    if (whom === "reader") this.#wakeReader = undefined;
    else this.#wakeWriter = undefined;
    wake?.();
  }
}
