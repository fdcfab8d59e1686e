// Code of the drill that the system under test calls back. What fails in it is no failure of the system, and stays one of
// ours also where the system catches it, makes something else of it, or does not wait for it.

import { asDrill } from "./stray-errors.ts";

export class Callbacks {
  readonly #running: Promise<unknown>[] = [];

  wrap<Arguments extends unknown[], T>(callback: (...given: Arguments) => Promise<T>) {
    return (...given: Arguments): Promise<T> => {
      const running = asDrill(() => callback(...given));
      // Nobody may wait for it at once; that it fails is then no rejection without a handler.
      running.catch(() => {});
      this.#running.push(running);
      return running;
    };
  }

  /** Ends as the call of the system does, and with the error of a callback where one failed. */
  async during<T>(call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } finally {
      await Promise.all(this.#running);
    }
  }
}
