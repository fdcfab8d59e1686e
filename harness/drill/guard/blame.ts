// Who is to blame when something does not answer: the machine, where not even an empty engine runs; the system under test,
// for an engine that it handed over; else nobody, and nothing is proven.
import { systemClock } from "../../base/clock.ts";
import { endedBy } from "../../base/deadline.ts";
import { DrillError, errorMessage } from "../../base/errors.ts";
import type { EngineProvider } from "../../engine/engine.ts";
import { EngineHungError } from "../../falkordb/client/hang-watch.ts";
import { isMalformed, isReplyError } from "../../falkordb/client/reply.ts";
import { hungUntil } from "../run/scenario-deadline.ts";

/** Who asks a restored server: with engines of its own to compare it with. */
interface Asking {
  readonly engines: EngineProvider;
  readonly signal: AbortSignal;
}

/** An external server is looked at, and not changed. */
export async function canStartEngine(engines: EngineProvider, signal: AbortSignal): Promise<boolean> {
  try {
    await using _empty = await engines.start({ name: "empty", signal });
    return true;
  } catch {
    return false;
  }
}

/** How long a question may take to end once nobody waits for its answer any more. */
const graceDefaultMs = 1000;

/**
 * `work` asks a server that the system under test handed over as restored. That it does not answer, or answers with an error, is the
 * system's failure; so is what the drill cannot read of it. A question that no server could answer is a fault of ours.
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
