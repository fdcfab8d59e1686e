// A stream of bytes, given out in pieces that end at offsets of the reader's choice.

export class StreamPieces implements AsyncDisposable {
  readonly #chunks: AsyncIterator<Buffer>;
  #at: number;
  /** Of the last chunk, what no piece has had yet. */
  #left: Buffer = Buffer.alloc(0);

  /** `offset` is that of the first byte. */
  constructor(stream: AsyncIterable<Buffer>, offset: number) {
    this.#chunks = stream[Symbol.asyncIterator]();
    this.#at = offset;
  }

  /** From where the last piece ended to this offset, or to the end of the stream. */
  async *upTo(offset: number): AsyncGenerator<Buffer> {
    while (this.#at < offset) {
      if (this.#left.length === 0) {
        const { value, done } = await this.#chunks.next();
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
    await this.#chunks.return?.();
  }
}
