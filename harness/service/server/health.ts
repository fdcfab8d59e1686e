// The healthcheck tests what it reports: the database has to answer a query of the graph module and to take writes (one
// that is being restored refuses them), the write queue has to make progress, the audit log has to be writable. The
// real service returns a constant, which stays green when all of these are down.
import { errorMessage } from "../../base/errors.ts";
import { startTimer } from "../../base/timer.ts";
import { type Database, DatabaseUnavailableError, transientReply } from "./database.ts";

export interface Health {
  readonly status: "healthy" | "unhealthy";
  readonly database: string;
  readonly worker: string;
  readonly audit: string;
}

export interface QueueHealth {
  readonly queued: number;
  readonly failed: number;
  readonly waitingForDatabase: boolean;
  /** How long the oldest running write has been running, in milliseconds. */
  readonly oldestMs: number;
}

const databaseDeadlineMs = 1000;
const defaultStalledAfterMs = 30_000;

export async function health(
  database: Database,
  queue: QueueHealth,
  auditFailure: string | undefined,
  stalledAfterMs: number = defaultStalledAfterMs,
): Promise<Health> {
  const problem = await databaseProblem(database);
  const worker = workerProblem(queue, stalledAfterMs);
  const healthy = problem === undefined && worker === undefined && auditFailure === undefined;
  return {
    status: healthy ? "healthy" : "unhealthy",
    database: problem ?? "answers",
    worker: worker ?? `alive, ${queue.queued} queued, ${queue.failed} given up`,
    audit: auditFailure ?? "writable",
  };
}

/** Why the database does not answer; undefined when it does. */
export async function databaseProblem(database: Database): Promise<string | undefined> {
  try {
    await database.useAtOnce(async (connection) => {
      // A frozen server never answers; closing the connection ends the wait.
      using _deadline = startTimer(databaseDeadlineMs, () => connection.close());
      await connection.command("GRAPH.CONFIG", "GET", "THREAD_COUNT");
      // A write that changes nothing, as there is no such key.
      await connection.command("DEL", "falkordrill:healthcheck");
    });
    return undefined;
  } catch (error) {
    if (!(error instanceof DatabaseUnavailableError)) return `refuses: ${errorMessage(error)}`;
    return transientReply.test(error.message) ? `takes no writes: ${error.message}` : `gone: ${error.message}`;
  }
}

function workerProblem({ waitingForDatabase, oldestMs }: QueueHealth, stalledAfterMs: number): string | undefined {
  if (waitingForDatabase) return "waits for the database";
  return oldestMs > stalledAfterMs ? `stalled: a write has been running for ${Math.round(oldestMs)} ms` : undefined;
}
