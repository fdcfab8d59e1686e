// A fixed number of equal buffers. Whoever takes one while all are in use waits, which is what bounds the memory of a
// backup and holds its source back.
export class BlockPool {
  readonly #blockBytes: number;
  readonly #free: Buffer[] = [];
  readonly #waiting: ((block: Buffer) => void)[] = [];
  #unmade: number;

  constructor(count: number, blockBytes: number) {
    this.#unmade = count;
    this.#blockBytes = blockBytes;
  }

  take(): Promise<Buffer> {
    const free = this.#free.pop();
    if (free !== undefined) return Promise.resolve(free);
    if (this.#unmade > 0) {
      this.#unmade--;
      return Promise.resolve(Buffer.allocUnsafeSlow(this.#blockBytes));
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  give(block: Buffer): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free.push(block);
    else next(block);
  }
}
