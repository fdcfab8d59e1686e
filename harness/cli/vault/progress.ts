// Running a command that is not a drill: one plain line a step on stderr, and Ctrl-C that ends it in good order.
import { type Clock, systemClock } from "../../base/clock.ts";
import { DrillError, errorsOf } from "../../base/errors.ts";
import { pasteable } from "../../base/invocation.ts";
import { oneLine } from "../../base/one-line.ts";
import { formatBytes, formatCount } from "../../base/units.ts";
import type { Progress } from "../../base/progress.ts";
import { type CleanUp, interruptible } from "../terminal/interrupt.ts";

/** A step that takes long says so often how far it is. */
const advanceEveryMs = 10_000;

export function linePrinter(to: NodeJS.WritableStream = process.stderr, clock: Clock = systemClock): Progress {
  let [step, saidMs] = ["", 0];
  const say = (line: string): void => {
    saidMs = clock.monotonicMs();
    to.write(`${line}\n`);
  };
  return {
    step: (name) => say(`${(step = oneLine(name))} ...`),
    advance: (done, total, unit = "bytes") => {
      if (clock.monotonicMs() - saidMs < advanceEveryMs) return;
      const amount = unit === "bytes" ? formatBytes(done) : formatCount(done);
      say(`${step} ... ${total === undefined || total === 0 ? amount : `${Math.floor((100 * done) / total)} %`}`);
    },
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
