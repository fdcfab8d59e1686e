// Checks whether a user may run what an operation needs, before it begins: a missing right should not be found after
// minutes. ACL DRYRUN would need one more right, so each command is run in a form that changes nothing and that a
// server refuses, if it does, only after checking the rights.
import type { Command, Connection } from "../falkordb/client/connection.ts";

const key = "falkordrill-probe";

type Right =
  "CLIENT INFO" | "CONFIG SET" | "EXISTS" | "GRAPH.QUERY" | "GRAPH.RO_QUERY" | "REPLICAOF" | "SCAN" | "SELECT";

const harmless: Readonly<Record<Right, Command>> = {
  "CLIENT INFO": ["CLIENT", "INFO"],
  "CONFIG SET": ["CONFIG", "SET", key, ""],
  EXISTS: ["EXISTS", key],
  // A wrong option is refused before the graph is created.
  "GRAPH.QUERY": ["GRAPH.QUERY", key, "RETURN 1", "timeout", "none"],
  "GRAPH.RO_QUERY": ["GRAPH.RO_QUERY", key, "RETURN 1"],
  // Changes nothing on a server that is not a replica.
  REPLICAOF: ["REPLICAOF", "NO", "ONE"],
  SCAN: ["SCAN", "0", "COUNT", "1"],
  SELECT: ["SELECT", "0"],
};

/** Throws for the first of the commands that the user may not run. A target must not be a replica. */
export async function mustBeAllowed(connection: Connection, names: readonly Right[]): Promise<void> {
  const replies = await connection.pipeline(names.map((name) => harmless[name]));
  const refused = replies.find((reply) => reply instanceof Error && reply.message.startsWith("NOPERM"));
  if (refused instanceof Error) throw refused;
}
