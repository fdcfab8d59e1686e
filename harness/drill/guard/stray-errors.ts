// Errors that nobody waits for any more: a rejection without a handler, an exception out of a timer. Node would end the
// process without a result; here they become findings, and whose they are follows from whose code began the work.
import { AsyncLocalStorage } from "node:async_hooks";

const system = new AsyncLocalStorage<string>();
/** Of scenarios side by side each hears of its own. */
const scenario = new AsyncLocalStorage<string>();

/** Whatever `work` begins belongs to the scenario of this id. */
export function asScenario<T>(id: string, work: () => T): T {
  return scenario.run(id, work);
}

/** Whatever `work` begins, also what it does not wait for, belongs to the backup system of this name. */
export function asSystem<T>(name: string, work: () => T): T {
  return system.run(name, work);
}

/** Code of the drill that a system calls back. */
export function asDrill<T>(work: () => T): T {
  return system.exit(work);
}

/**
 * While this is not disposed of, `onStray` hears of each that began in the scenario `id`, or of which nobody can tell;
 * `name` is the system's, undefined for code of the drill.
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
      // Node tells of a rejection only when all that waits for it has run.
      await new Promise(setImmediate);
      process.off("unhandledRejection", hear);
      process.off("uncaughtException", hear);
    },
  };
}
