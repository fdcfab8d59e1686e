// The one way to wait for the indexes of a graph, once the graph itself can be asked.
import type { Clock } from "../base/clock.ts";
import { waitFor } from "../base/wait.ts";
import type { Connection } from "./connection.ts";

export interface OperationalOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  readonly clock?: Clock;
}

export async function untilOperational(
  connection: Connection,
  graph: string,
  options: OperationalOptions,
): Promise<void> {
  const isOperational = async (): Promise<true | undefined> => {
    const { rows } = await connection.roQuery(graph, "CALL db.indexes() YIELD status RETURN status");
    return rows.every(([status]) => status === "OPERATIONAL") ? true : undefined;
  };
  await waitFor(isOperational, {
    what: `the indexes of graph "${graph}" to be operational`,
    intervalMs: 10,
    // Asking for the state of an index costs the engine a quarter of its speed when it is asked all the time.
    intervalMaxMs: 500,
    exit: "environment",
    ...options,
  });
}
