// With a limit on results a server leaves rows out without an error: what was read would prove nothing.
import { environmentError } from "../base/errors.ts";
import type { Connection } from "./connection.ts";

export async function refuseLimits(connection: Connection): Promise<void> {
  const [, limit] = (await connection.command("GRAPH.CONFIG", "GET", "RESULTSET_SIZE")) as [string, number];
  if (limit < 0 || limit > 1e15) return;
  throw environmentError(
    `the server cuts results off after ${limit} rows (RESULTSET_SIZE), so a graph cannot be read back whole`,
    "Set it off for the drill: GRAPH.CONFIG SET RESULTSET_SIZE -1",
  );
}
