// What a long piece of work says while it goes on. The core emits events; a renderer (cli) prints them.

export interface Progress {
  /** A named step has begun; the step before it has ended. */
  step(name: string): void;
  /** How far the step has come. `total` is undefined where nobody knows it. */
  advance(done: number, total?: number, unit?: "bytes" | "items"): void;
  /** One line worth keeping. */
  note(line: string): void;
}

export const silentProgress: Progress = { step: () => {}, advance: () => {}, note: () => {} };
