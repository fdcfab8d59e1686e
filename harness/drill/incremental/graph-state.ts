// All that a server holds, entity by entity and with the ids of the engine: what a chain brings back must be the same to
// the last of them, because later increments address entities by these ids. For graphs of some thousand entities.
import { hash } from "node:crypto";
import type { Finding } from "../../check/check.ts";
import type { Endpoint } from "../../engine/engine.ts";
import { connect, type Connection } from "../../falkordb/connection.ts";
import { graphsByDatabase } from "../../falkordb/graphs-by-database.ts";

/** Graph, with its database where that is not 0, -> part of it -> how many rows and their hash. */
export type ServerState = Readonly<Record<string, GraphState>>;
type GraphState = Readonly<Record<string, { readonly rows: number; readonly sha256: string }>>;

/** In place of a graph, what belongs to all of them. */
const everywhere = "(all graphs)";

const questions = {
  nodes: "MATCH (n) RETURN id(n), labels(n), tojson(properties(n)) ORDER BY id(n)",
  edges: "MATCH (a)-[r]->(b) RETURN id(r), id(a), id(b), type(r), tojson(properties(r)) ORDER BY id(r)",
  indexes:
    "CALL db.indexes() YIELD label, properties, types, entitytype, status RETURN label, properties, types, entitytype, status ORDER BY label",
  constraints:
    "CALL db.constraints() YIELD type, label, properties, entitytype, status RETURN type, label, properties, entitytype, status ORDER BY label",
} as const;

export async function readState(endpoint: Endpoint): Promise<ServerState> {
  await using connection = await connect(endpoint);
  const functions = await connection.command("GRAPH.UDF", "LIST", "WITHCODE");
  const state: Record<string, GraphState> = {
    [everywhere]: { functions: stateOf((functions as unknown[]).map((each) => JSON.stringify(each))) },
  };
  for await (const { database, graphs } of graphsByDatabase(connection))
    for (const graph of graphs)
      state[database === 0 ? graph : `${database}/${graph}`] = await readGraph(connection, graph);
  return state;
}

async function readGraph(connection: Connection, graph: string): Promise<GraphState> {
  const parts: Record<string, GraphState[string]> = {};
  for (const [part, cypher] of Object.entries(questions)) {
    const { rows } = await connection.roQuery(graph, cypher);
    // Properties of an index come in any order.
    parts[part] = stateOf(
      rows.map((row) => JSON.stringify(row.map((value) => (Array.isArray(value) ? inOrder(value) : value)))),
    );
  }
  return parts;
}

function stateOf(rows: readonly string[]): GraphState[string] {
  return { rows: rows.length, sha256: hash("sha256", rows.join("\n")) };
}

/** One finding for each part of a graph that differs. */
export function judgeState(subject: string, expected: ServerState, found: ServerState): Finding[] {
  const graphs = new Set([...Object.keys(expected), ...Object.keys(found)]);
  return [...graphs].flatMap((graph) =>
    [...new Set([...Object.keys(expected[graph] ?? {}), ...Object.keys(found[graph] ?? {})])].flatMap((part) => {
      const [wanted, got] = [expected[graph]?.[part], found[graph]?.[part]];
      if (wanted?.sha256 === got?.sha256 && wanted?.rows === got?.rows) return [];
      return [
        {
          code: "moment-differs",
          severity: "error" as const,
          subject: `${subject}/${graph}/${part}`,
          message: `${part} of graph "${graph}" are not those of the source at ${subject}: ${got?.rows ?? "no"} rows instead of ${wanted?.rows ?? "none"}`,
          evidence: { expected: wanted ?? null, found: got ?? null },
        },
      ];
    }),
  );
}

export function countRows(state: ServerState): number {
  return Object.values(state)
    .flatMap((parts) => Object.values(parts))
    .reduce((sum, { rows }) => sum + rows, 0);
}

function inOrder(values: readonly unknown[]): string[] {
  return values.map((value) => JSON.stringify(value)).toSorted((a, b) => (a < b ? -1 : 1));
}
