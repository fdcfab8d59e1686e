// Ctrl-C: the first asks the work to stop and clean up, the second (or a deadline) exits at once.
// The reaper, which outlives this process on purpose, removes what is left.
import { DrillError, errorsOf, exitCodes } from "../../base/errors.ts";

/** Longer than the time a scenario gets to end, so that its result is still written. */
const graceMs = 40_000;

/** Runs `work` with a signal that Ctrl-C, SIGTERM and SIGHUP abort. */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  let leave: NodeJS.Timeout | undefined;
  const onSignal = (name: NodeJS.Signals): void => {
    if (controller.signal.aborted) process.exit(exitCodes.interrupted);
    process.stderr.write(`\n${name}: stopping and cleaning up (again to leave at once)\n`);
    leave = setTimeout(() => process.exit(exitCodes.interrupted), graceMs);
    leave.unref();
    controller.abort(new Error(`interrupted by ${name}`));
  };
  const names = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const name of names) process.on(name, onSignal);
  try {
    return await work(controller.signal);
  } catch (error) {
    // What ends by the signal is no fault of the program, whatever it threw.
    if (!controller.signal.aborted || errorsOf(error)[0] instanceof DrillError) throw error;
    throw new DrillError((controller.signal.reason as Error).message, { exit: "interrupted", cause: error });
  } finally {
    for (const name of names) process.off(name, onSignal);
    clearTimeout(leave);
  }
}
