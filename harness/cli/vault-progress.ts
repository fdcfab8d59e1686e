// Running a command that is not a drill: one plain line a step on stderr, and Ctrl-C that ends it in good order.
import { DrillError } from "../base/errors.ts";
import type { Progress } from "../base/progress.ts";
import { interruptible } from "./interrupt.ts";

export function linePrinter(to: NodeJS.WritableStream = process.stderr): Progress {
  return {
    step: (name) => void to.write(`${name} ...\n`),
    advance: () => {},
    note: (line) => void to.write(`${line}\n`),
  };
}

/** After an interrupt the errors that it caused in the work say nothing new. */
export function stoppable<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  return interruptible(async (signal) => {
    try {
      return await work(signal);
    } catch (error) {
      if (!signal.aborted) throw error;
      throw new DrillError("stopped before it was done; nothing was left half done", {
        exit: "interrupted",
        cause: error,
      });
    }
  });
}
