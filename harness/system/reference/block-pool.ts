// A fixed number of equal buffers. Whoever takes one while all are in use waits, which is what bounds the memory of a
// backup and holds its source back.
export class BlockPool {
  readonly #blockBytes: number;
  readonly #free: ArrayBuffer[] = [];
  readonly #waiting: ((block: ArrayBuffer) => void)[] = [];
  #unmade: number;

  constructor(count: number, blockBytes: number) {
    this.#unmade = count;
    this.#blockBytes = blockBytes;
  }

  take(): Promise<ArrayBuffer> {
    const free = this.#free.pop();
    if (free !== undefined) return Promise.resolve(free);
    if (this.#unmade > 0) {
      this.#unmade--;
      return Promise.resolve(new ArrayBuffer(this.#blockBytes));
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  give(block: ArrayBuffer): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free.push(block);
    else next(block);
  }
}
