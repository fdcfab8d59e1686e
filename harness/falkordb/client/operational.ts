// The one way to wait for the indexes of a graph, once the graph itself can be asked.
import type { Clock } from "../../base/clock.ts";
import { waitFor } from "../../base/wait.ts";
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
  await waitFor(areComplete, {
    what: `the indexes of graph "${graph}" to be operational`,
    intervalMs: 10,
    // Asking for the state of an index costs the engine a quarter of its speed when it is asked all the time.
    intervalMaxMs: 500,
    exit: "environment",
    ...options,
  });
}
