// Writes one episode as Graphiti's driver does: one query after the other, each awaited, without a transaction.
import type { WriteStatement } from "../../../generators/writes/episode-writes.ts";
import type { Connection } from "../client/connection.ts";
import type { Parameter } from "../client/parameters.ts";

/** Calls `onSent` after each query that the engine has acknowledged. */
export async function writeEpisode(
  connection: Connection,
  graph: string,
  statements: readonly WriteStatement[],
  onSent: () => void = () => {},
): Promise<void> {
  for (const { cypher, parameters, unlessSaga } of statements) {
    if (unlessSaga !== undefined && (await sagaExists(connection, graph, unlessSaga))) continue;
    await connection.query(graph, cypher, parameters as Readonly<Record<string, Parameter>>);
    onSent();
  }
}

async function sagaExists(connection: Connection, graph: string, uuid: string): Promise<boolean> {
  const { rows } = await connection.roQuery(graph, "MATCH (s:Saga {uuid: $uuid}) RETURN s.uuid LIMIT 1", { uuid });
  return rows.length > 0;
}
