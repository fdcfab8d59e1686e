// When is a FalkorDB ready? PONG is not enough: it must have loaded its data, and its indexes must be complete,
// because until then full-text queries answer nothing, without an error.
import { systemClock } from "../base/clock.ts";
import { type Command, connect, type Connection } from "../falkordb/client/connection.ts";
import { graphsByDatabase } from "../falkordb/client/graphs-by-database.ts";
import type { Endpoint } from "../base/endpoint.ts";
import { errorMessage } from "../base/errors.ts";
import { FatalProbeError, waitFor } from "../base/wait.ts";

export type Readiness = "operational" | "loaded";

export interface ReadinessOptions {
  readonly readiness: Readiness;
  readonly timeoutMs: number;
  /** Engine name used in messages. */
  readonly name: string;
  readonly signal?: AbortSignal | undefined;
  /** Returns the reason when waiting longer is pointless, for example because the process has crashed. */
  readonly fatal?: () => Promise<Error | undefined>;
}

const graphsPerBatch = 256;
/** Milliseconds for a last attempt when the deadline has almost passed. */
const minimumMs = 50;

/** Waits for an engine; rejects at once when `fatal` returns an error. */
export async function waitUntilReady(endpoint: () => Endpoint, options: ReadinessOptions): Promise<void> {
  const { readiness, timeoutMs, name, signal, fatal } = options;
  const startedMs = systemClock.monotonicMs();
  let connection: Connection | undefined;
  let waitingGraphs: readonly Place[] | undefined;
  const probe = async (): Promise<true | undefined> => {
    const reason = await fatal?.();
    if (reason !== undefined) throw new FatalProbeError(reason);
    const leftMs = Math.max(minimumMs, startedMs + timeoutMs - systemClock.monotonicMs());
    const limits = { timeoutMs: Math.min(leftMs, 5000), commandTimeoutMs: Math.min(leftMs, 15_000) };
    try {
      connection ??= await connect(endpoint(), { ...limits, name: "falkordrill-ready" });
      const info = await connection.info("persistence");
      if (info["loading"] !== "0") return undefined;
      if (readiness === "loaded") return true;
      waitingGraphs ??= await allGraphs(connection);
      waitingGraphs = await notOperational(connection, waitingGraphs);
      return waitingGraphs.length === 0 ? true : undefined;
    } catch (error) {
      connection?.close();
      connection = undefined;
      // No waiting changes a password.
      if (/\b(?:NOAUTH|WRONGPASS)\b/.test(errorMessage(error))) throw new FatalProbeError(error as Error);
      throw error;
    }
  };
  try {
    const what = `${name} to be ${readiness === "loaded" ? "loaded" : "loaded with all indexes operational"}`;
    await waitFor(probe, { what, timeoutMs, intervalMs: 5, intervalMaxMs: 500, signal, exit: "environment" });
  } catch (error) {
    // The process may have crashed between its last check and the failed connection.
    throw (await fatal?.()) ?? error;
  } finally {
    connection?.close();
  }
}

interface Place {
  readonly database: number;
  readonly graph: string;
}

async function allGraphs(connection: Connection): Promise<Place[]> {
  const places: Place[] = [];
  for await (const { database, graphs } of graphsByDatabase(connection))
    places.push(...graphs.map((graph) => ({ database, graph })));
  return places;
}

/** The graphs that still have an index under construction, read in batches because there may be thousands. */
async function notOperational(connection: Connection, graphs: readonly Place[]): Promise<Place[]> {
  const waiting: Place[] = [];
  for (let start = 0; start < graphs.length; start += graphsPerBatch) {
    const batch = graphs.slice(start, start + graphsPerBatch);
    const replies = await connection.pipeline([
      ...batch.flatMap(({ database, graph }): Command[] => [
        ["SELECT", database],
        ["GRAPH.RO_QUERY", graph, "CALL db.indexes() YIELD status RETURN status"],
      ]),
      ["SELECT", 0],
    ]);
    for (const [index, place] of batch.entries()) {
      if (isUnderConstruction(replies[2 * index + 1])) waiting.push(place);
    }
  }
  return waiting;
}

/** A graph that was deleted meanwhile answers with an error and is no longer awaited. */
function isUnderConstruction(reply: unknown): boolean {
  if (reply instanceof Error || !Array.isArray(reply)) return false;
  const rows = reply.length === 3 ? (reply[1] as unknown[][]) : [];
  return rows.some(([status]) => String(status) !== "OPERATIONAL");
}
