// Splits a stream of bytes into pieces that end at offsets of the reader's choice.

export class StreamPieces implements AsyncDisposable {
  readonly #chunks: AsyncIterator<Buffer>;
  #at: number;
  /** Rest of the last chunk that is not in a piece yet. */
  #left: Buffer = Buffer.alloc(0);
  #isReading = false;

  /** `offset` is that of the stream's first byte. */
  constructor(stream: AsyncIterable<Buffer>, offset: number) {
    this.#chunks = stream[Symbol.asyncIterator]();
    this.#at = offset;
  }

  /** Yields the bytes from the end of the last piece to this offset, or to the end of the stream. */
  async *upTo(offset: number): AsyncGenerator<Buffer> {
    while (this.#at < offset) {
      if (this.#left.length === 0) {
        this.#isReading = true;
        const { value, done } = await this.#chunks.next();
        this.#isReading = false;
        if (done === true) return;
        this.#left = value;
      }
      const piece = this.#left.subarray(0, offset - this.#at);
      this.#left = this.#left.subarray(piece.length);
      this.#at += piece.length;
      if (piece.length > 0) yield piece;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = this.#chunks.return?.();
    // A read of a store that does not answer ends at its own deadline, and whoever was lost meanwhile need not wait for it.
    if (this.#isReading) ended?.catch(() => {});
    else await ended;
  }
}
