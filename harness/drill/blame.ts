// Who is to blame when something does not answer: the machine, where not even an empty engine runs; the system under test,
// for an engine that it handed over; else nobody, and nothing is proven.
import { DrillError, messageOf } from "../base/errors.ts";
import type { EngineProvider } from "../engine/engine.ts";
import { isReplyError } from "../falkordb/reply.ts";
import type { Drill } from "./run-scenario.ts";

/** An external server is looked at, and not changed. */
export async function canStartEngine(engines: EngineProvider, signal: AbortSignal): Promise<boolean> {
  try {
    await using _empty = await engines.start({ name: "empty", signal });
    return true;
  } catch {
    return false;
  }
}

/**
 * `work` asks a server that the system under test handed over as restored. That it does not answer, or answers with an error, is the
 * system's failure; so is what the drill cannot read of it.
 */
export async function fromRestored<T>(
  { engines, signal }: Pick<Drill, "engines" | "signal">,
  work: Promise<T>,
): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (signal.aborted) throw error;
    const message = `the restored server cannot be read: ${messageOf(error)}`;
    if (isReplyError(error))
      throw new DrillError(message, { exit: "notRecovered", code: "not-recovered", cause: error });
    if (!(error instanceof DrillError) || !["environment", "inconclusive"].includes(error.exit)) throw error;
    if (error.exit === "environment" && !(await canStartEngine(engines, signal))) throw error;
    throw new DrillError(message, { exit: "notRecovered", code: "system-crashed-engine", cause: error });
  }
}
