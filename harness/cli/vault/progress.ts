// Running a command that is not a drill: one plain line a step on stderr, and Ctrl-C that ends it in good order.
import { DrillError, errorsOf } from "../../base/errors.ts";
import { pasteable } from "../../base/invocation.ts";
import { oneLine } from "../../base/one-line.ts";
import type { Progress } from "../../base/progress.ts";
import { type CleanUp, interruptible } from "../terminal/interrupt.ts";

export function linePrinter(to: NodeJS.WritableStream = process.stderr): Progress {
  return {
    step: (name) => void to.write(`${oneLine(name)} ...\n`),
    advance: () => {},
    note: (line) => void to.write(`${oneLine(pasteable(line))}\n`),
  };
}

/** Runs work that Ctrl-C aborts; errors that the interrupt causes in the work are not reported. */
export function stoppable<T>(work: (signal: AbortSignal) => Promise<T>, cleanUp: CleanUp = {}): Promise<T> {
  return interruptible(async (signal) => {
    try {
      return await work(signal);
    } catch (error) {
      if (!signal.aborted) throw error;
      const [first, left] = errorsOf(error);
      const told = left === undefined ? "; nothing was left half done" : "";
      const stopped = new DrillError(`stopped before it was done${told}`, { exit: "interrupted", cause: first });
      throw left === undefined ? stopped : new SuppressedError(left, stopped);
    }
  }, cleanUp);
}
