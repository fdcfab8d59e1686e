// Code of the drill that the system under test calls back. Its failures are not the system's, and remain the drill's
// even if the system catches them, converts them, or does not wait for them.

import { asDrill } from "./stray-errors.ts";

export class Callbacks {
  readonly #running: Promise<unknown>[] = [];

  wrap<Arguments extends unknown[], T>(callback: (...given: Arguments) => Promise<T>) {
    return (...given: Arguments): Promise<T> => {
      const running = asDrill(() => callback(...given));
      // The system may not be awaiting it yet; the failure must not count as an unhandled rejection.
      running.catch(() => {});
      this.#running.push(running);
      return running;
    };
  }

  /** Settles like the call of the system, but with the error of a callback if one failed. */
  async during<T>(call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } finally {
      await Promise.all(this.#running);
    }
  }
}
