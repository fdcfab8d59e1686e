// A deadline for one answer of the engine. A graph query cannot be cancelled, so when the deadline passes the
// connection is closed: every pending command rejects, and the error says what was asked and for how long.
import { DrillError, errorMessage } from "../../base/errors.ts";
import { startTimer } from "../../base/timer.ts";
import { formatDuration } from "../../base/units.ts";
import type { Connection } from "./connection.ts";

/** Deadline in milliseconds for a query over this many entities; generous, it only ends what would hang forever. */
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
    // Without the cause: the client attaches the whole command to it, which is megabytes in a bulk load.
    throw new DrillError(`${what} failed: ${reason}`, {
      exit: "environment",
      hint: "Is the engine still up, and has it enough memory? Its log says more.",
    });
  }
}
