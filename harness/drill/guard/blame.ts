// Decides who is at fault when a server does not answer: the machine, if not even an empty engine runs; the system
// under test, for an engine that it handed over; else nothing is proven.
import { systemClock } from "../../base/clock.ts";
import { endedBy } from "../../base/deadline.ts";
import { DrillError, errorMessage } from "../../base/errors.ts";
import type { EngineProvider } from "../../engine/engine.ts";
import { EngineHungError } from "../../falkordb/client/hang-watch.ts";
import { isMalformed, isReplyError } from "../../falkordb/client/reply.ts";
import { hungUntil } from "../run/scenario-deadline.ts";

/** The context of a query to a restored server, with engines of the drill's own to compare it with. */
interface Asking {
  readonly engines: EngineProvider;
  readonly signal: AbortSignal;
}

/** An external server is inspected, never changed. */
export async function canStartEngine(engines: EngineProvider, signal: AbortSignal): Promise<boolean> {
  try {
    await using _empty = await engines.start({ name: "empty", signal });
    return true;
  } catch {
    return false;
  }
}

/** How long a query may take to end after it was abandoned, in milliseconds. */
const graceDefaultMs = 1000;

/**
 * `work` queries a server that the system under test handed over as restored. A missing answer or an error is the
 * system's failure; so is an answer that the drill cannot parse. A query that no server could answer is a fault of the
 * drill.
 */
export async function fromRestored<T>(
  { engines, signal, graceMs = graceDefaultMs }: Asking & { readonly graceMs?: number },
  work: Promise<T>,
): Promise<T> {
  const startedMs = systemClock.monotonicMs();
  try {
    return await endedBy(work, signal, graceMs);
  } catch (error) {
    const message = `the restored server cannot be read: ${errorMessage(error)}`;
    const hung = hungUntil(signal, systemClock.monotonicMs() - startedMs);
    if (hung !== undefined)
      throw new DrillError(`the restored server cannot be read: no answer when ${hung.message}`, {
        exit: "notRecovered",
        code: "not-recovered",
        cause: error,
      });
    if (signal.aborted) throw error;
    if (isMalformed(errorMessage(error))) throw new DrillError(message, { exit: "internal", cause: error });
    if (isReplyError(error))
      throw new DrillError(message, { exit: "notRecovered", code: "not-recovered", cause: error });
    if (!(error instanceof DrillError) || !["environment", "inconclusive"].includes(error.exit)) throw error;
    if (error.exit === "environment" && !(await canStartEngine(engines, signal))) throw error;
    const code = error instanceof EngineHungError ? "engine-hung" : "system-crashed-engine";
    throw new DrillError(message, { exit: "notRecovered", code, cause: error });
  }
}
