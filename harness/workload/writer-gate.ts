// Holds writers between two writes, so that a drill knows exactly what was written at one offset of the stream.

export class WriterGate {
  #held: PromiseWithResolvers<void> | undefined;
  #quiet: PromiseWithResolvers<void> | undefined;
  #writing = 0;

  /** Runs one write; it waits while the gate is held. */
  async through<T>(write: () => Promise<T>): Promise<T> {
    while (this.#held !== undefined) await this.#held.promise;
    this.#writing += 1;
    try {
      return await write();
    } finally {
      this.#writing -= 1;
      if (this.#writing === 0) this.#quiet?.resolve();
    }
  }

  /** Resolves when no write is in progress; further ones wait until the gate is released. */
  async hold(): Promise<void> {
    this.#held ??= Promise.withResolvers();
    if (this.#writing === 0) return;
    this.#quiet ??= Promise.withResolvers();
    await this.#quiet.promise;
    this.#quiet = undefined;
  }

  release(): void {
    this.#held?.resolve();
    this.#held = undefined;
  }
}
