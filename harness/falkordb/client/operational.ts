// Waits for the indexes of a graph that can already be queried.
import type { Clock } from "../../base/clock.ts";
import { overOneConnection, waitFor } from "../../base/wait.ts";
import type { Connection } from "./connection.ts";

export interface OperationalOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  readonly clock?: Clock;
}

/** Whether all indexes of the graph are complete. */
export async function isOperational(connection: Connection, graph: string): Promise<boolean> {
  const { rows } = await connection.roQuery(graph, "CALL db.indexes() YIELD status RETURN status");
  return rows.every(([status]) => status === "OPERATIONAL");
}

export async function untilOperational(
  connection: Connection,
  graph: string,
  options: OperationalOptions,
): Promise<void> {
  const areComplete = async (): Promise<true | undefined> => (await isOperational(connection, graph)) || undefined;
  await waitFor(overOneConnection(areComplete), {
    what: `the indexes of graph "${graph}" to be operational`,
    intervalMs: 10,
    // Polling the state of an index without a pause costs the engine a quarter of its speed.
    intervalMaxMs: 500,
    exit: "environment",
    ...options,
  });
}
