// Checks whether a user may run what an operation needs, before it begins: a missing right should not be found after
// minutes. ACL DRYRUN would need one more right, so each command is run in a form that changes nothing and that a
// server refuses, if it does, only after checking the rights.
import type { Command, Connection } from "../falkordb/client/connection.ts";

const key = "falkordrill-probe";

type Right =
  | "CLIENT INFO"
  | "CONFIG SET"
  | "DEL"
  | "EXISTS"
  | "FUNCTION LIST"
  | "GRAPH.BULK"
  | "GRAPH.CONFIG"
  | "GRAPH.CONSTRAINT"
  | "GRAPH.DELETE"
  | "GRAPH.INFO"
  | "GRAPH.LIST"
  | "GRAPH.QUERY"
  | "GRAPH.RO_QUERY"
  | "GRAPH.UDF"
  | "MODULE LIST"
  | "PING"
  | "PSYNC"
  | "REPLCONF"
  | "RENAMENX"
  | "REPLICAOF"
  | "RESTORE"
  | "SCAN"
  | "SELECT";

const harmless: Readonly<Record<Right, Command>> = {
  "CLIENT INFO": ["CLIENT", "INFO"],
  "CONFIG SET": ["CONFIG", "SET", key, ""],
  DEL: ["DEL", key],
  EXISTS: ["EXISTS", key],
  "FUNCTION LIST": ["FUNCTION", "LIST", "LIBRARYNAME", key],
  // Without BEGIN it asks for a graph that is there.
  "GRAPH.BULK": ["GRAPH.BULK", key, "0", "0", "0", "0"],
  "GRAPH.CONFIG": ["GRAPH.CONFIG", "GET", "TIMEOUT_MAX"],
  "GRAPH.CONSTRAINT": ["GRAPH.CONSTRAINT", "CREATE", key],
  // There is no such graph.
  "GRAPH.DELETE": ["GRAPH.DELETE", key],
  "GRAPH.INFO": ["GRAPH.INFO"],
  "GRAPH.LIST": ["GRAPH.LIST"],
  // A wrong option is refused before the graph is created.
  "GRAPH.QUERY": ["GRAPH.QUERY", key, "RETURN 1", "timeout", "none"],
  "GRAPH.RO_QUERY": ["GRAPH.RO_QUERY", key, "RETURN 1"],
  "GRAPH.UDF": ["GRAPH.UDF", "LIST"],
  "MODULE LIST": ["MODULE", "LIST"],
  PING: ["PING"],
  // Refused while a reply is pending, as that of the PING before it is: all are sent in one piece.
  PSYNC: ["PSYNC", key, "1"],
  REPLCONF: ["REPLCONF"],
  RENAMENX: ["RENAMENX", key, `${key}-2`],
  // Changes nothing on a server that is not a replica.
  REPLICAOF: ["REPLICAOF", "NO", "ONE"],
  // What it is given is no value.
  RESTORE: ["RESTORE", key, "0", ""],
  SCAN: ["SCAN", "0", "COUNT", "1"],
  SELECT: ["SELECT", "0"],
};

/** Throws for the first of the commands that the user may not run. A target must not be a replica. */
export async function mustBeAllowed(connection: Connection, names: readonly Right[]): Promise<void> {
  const [, ...replies] = await connection.pipeline([harmless.PING, ...names.map((name) => harmless[name])]);
  const refused = replies.find((reply) => reply instanceof Error && reply.message.startsWith("NOPERM"));
  if (refused instanceof Error) throw refused;
}
