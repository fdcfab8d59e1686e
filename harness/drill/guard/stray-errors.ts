// Unobserved errors: a rejection without a handler, an exception in a timer. Node would end the process without a
// result; here they become findings, attributed to the code that started the work.
import { AsyncLocalStorage } from "node:async_hooks";

const system = new AsyncLocalStorage<string>();
/** The current scenario's id, so that errors of concurrent scenarios can be told apart. */
const scenario = new AsyncLocalStorage<string>();

/** Attributes everything that `work` starts to the scenario of this id. */
export function asScenario<T>(id: string, work: () => T): T {
  return scenario.run(id, work);
}

/** Attributes everything that `work` starts, even what it does not wait for, to the backup system of this name. */
export function asSystem<T>(name: string, work: () => T): T {
  return system.run(name, work);
}

/** Runs code of the drill that a system calls back. */
export function asDrill<T>(work: () => T): T {
  return system.exit(work);
}

/**
 * Until disposed of, calls `onStray` for each stray error that originated in the scenario `id` or whose origin is
 * unknown; `name` is the system's, undefined for code of the drill.
 */
export function watchStrayErrors(
  id: string,
  onStray: (error: unknown, name: string | undefined) => void,
): AsyncDisposable {
  const hear = (error: unknown): void => {
    if ((scenario.getStore() ?? id) === id) onStray(error, system.getStore());
  };
  process.on("unhandledRejection", hear);
  process.on("uncaughtException", hear);
  return {
    [Symbol.asyncDispose]: async () => {
      // Node reports a rejection only after all its handlers have run.
      await new Promise(setImmediate);
      process.off("unhandledRejection", hear);
      process.off("uncaughtException", hear);
    },
  };
}
