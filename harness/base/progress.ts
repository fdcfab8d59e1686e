// Progress of long work. The core emits events; a renderer (cli) prints them.

export interface Progress {
  /** Starts a named step and ends the one before it. */
  step(name: string): void;
  /** Progress within the step. `total` is undefined where it is unknown. */
  advance(done: number, total?: number, unit?: "bytes" | "items"): void;
  /** Reports one line that stays on screen. */
  note(line: string): void;
}

export const silentProgress: Progress = { step: () => {}, advance: () => {}, note: () => {} };
