/** The last output of a program, in zx's form of a store: older chunks are dropped, so a flood does not fill memory. */
export class OutputTail extends Array<Buffer> {
  static readonly bytesMax: number = 64 * 1024;
  /** Number of bytes that the program wrote. */
  total = 0;
  #held = 0;

  override push(...chunks: Buffer[]): number {
    for (const chunk of chunks) {
      this.total += chunk.length;
      const kept = chunk.subarray(-OutputTail.bytesMax);
      this.#held += super.push(kept) > 0 ? kept.length : 0;
    }
    while (this.#held - (this[0]?.length ?? 0) >= OutputTail.bytesMax) this.#held -= this.shift()?.length ?? 0;
    return this.length;
  }

  text(): string {
    return Buffer.concat([...this])
      .subarray(-OutputTail.bytesMax)
      .toString("utf8");
  }
}
