// A fixed number of equal blocks. A caller waits while all are in use, which bounds the memory of a backup and holds
// its source back.
export class BlockPool<Block> {
  readonly #make: () => Block;
  readonly #free: Block[] = [];
  readonly #waiting: ((block: Block) => void)[] = [];
  #unmade: number;

  constructor(count: number, make: () => Block) {
    this.#unmade = count;
    this.#make = make;
  }

  take(): Promise<Block> {
    const free = this.#free.pop();
    if (free !== undefined) return Promise.resolve(free);
    if (this.#unmade > 0) {
      this.#unmade--;
      return Promise.resolve(this.#make());
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  give(block: Block): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free.push(block);
    else next(block);
  }
}
