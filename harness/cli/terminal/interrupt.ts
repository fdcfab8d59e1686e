// Ctrl-C: the first asks the work to stop and clean up, the second (or a deadline) exits at once.
// The reaper, which outlives this process on purpose, removes what is left.
import { DrillError, errorsOf, exitCodes } from "../../base/errors.ts";
import { pasteable } from "../../base/invocation.ts";
import { formatDuration } from "../../base/units.ts";

/** Longer than the time a scenario gets to end, so that its result is still written. */
const graceMsDefault = 40_000;

export interface CleanUp {
  /** How long the work may clean up before it is left. */
  readonly graceMs?: number;
  /** Printed where it is left before it has cleaned up. */
  readonly onLeft?: string;
}

/** Runs `work` with a signal that Ctrl-C, SIGTERM and SIGHUP abort. */
export async function interruptible<T>(
  work: (signal: AbortSignal) => Promise<T>,
  { graceMs = graceMsDefault, onLeft = "" }: CleanUp = {},
): Promise<T> {
  const controller = new AbortController();
  let leave: NodeJS.Timeout | undefined;
  const leaveAtOnce = (why: string): never => {
    process.stderr.write(`${why}: left before it had cleaned up${onLeft === "" ? "" : `. ${pasteable(onLeft)}`}\n`);
    process.exit(exitCodes.interrupted);
  };
  const onSignal = (name: NodeJS.Signals): void => {
    if (controller.signal.aborted) leaveAtOnce(name);
    process.stderr.write(`\n${name}: stopping and cleaning up (again to leave at once)\n`);
    leave = setTimeout(leaveAtOnce, graceMs, `after ${formatDuration(graceMs)}`);
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
