// A deadline for one answer of the engine. A graph query cannot be taken back, so when the deadline passes the
// connection is closed: whatever waits on it ends, and the error says what was asked and for how long.
import { DrillError, errorMessage } from "../../base/errors.ts";
import { startTimer } from "../../base/timer.ts";
import { formatDuration } from "../../base/units.ts";
import type { Connection } from "./connection.ts";

/** For a query over so many entities, on a slow machine: this only ends what will never end. */
export function queryTimeoutMs(entities: number): number {
  return 60_000 + entities;
}

export async function answered<T>(
  connection: Connection,
  what: string,
  work: Promise<T>,
  timeoutMs: number,
): Promise<T> {
  let expired = false;
  using _deadline = startTimer(timeoutMs, () => {
    expired = true;
    connection.close();
  });
  try {
    return await work;
  } catch (error) {
    const reason = expired ? `no answer within ${formatDuration(timeoutMs)}` : errorMessage(error);
    // Without the cause: the client hangs the whole command on it, in a bulk load megabytes.
    throw new DrillError(`${what} failed: ${reason}`, {
      exit: "environment",
      hint: "Is the engine still up, and has it enough memory? Its log says more.",
    });
  }
}
