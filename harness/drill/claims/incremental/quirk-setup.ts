// Building blocks of the replication quirks: queries that write, fail, are replicated as text, or run in other
// databases.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { waitFor } from "../../../base/wait.ts";
import type { Connection } from "../../../falkordb/client/connection.ts";

export const settleTimeoutMs = 20_000;

export interface QuirkSetup {
  readonly connection: Connection;
  readonly signal: AbortSignal;
  /** Folder that the source may load CSV files from; undefined where it is out of reach. */
  readonly imports: string | undefined;
}

/** An index decides which ten nodes these are: it lists them in insertion order, and after a load in id order. */
export const limited = "MATCH (n:N) WHERE n.i >= 0 WITH n LIMIT 10 SET n.picked = n.i";

export async function outOfOrder(stage: QuirkSetup, graph: string): Promise<void> {
  const nodes = "UNWIND range(1, 100) AS i CREATE (:N {i: i})";
  await write(
    stage,
    graph,
    "CREATE INDEX FOR (n:N) ON (n.i)",
    nodes,
    "MATCH (n:N) WHERE n.i < 50 SET n.i = n.i + 1000",
  );
}

/** Violates a unique constraint in a query with a new label: its nodes are rolled back, its label is not. */
export async function failedLabel(stage: QuirkSetup, graph: string): Promise<void> {
  await write(stage, graph, "CREATE INDEX FOR (n:N) ON (n.id)", "CREATE (:N {id: 1})");
  await constrain(stage, graph, "UNIQUE", "NODE", "N", "id");
  await failing(stage, graph, "CREATE (:Ghost {id: 9}), (:N {id: 1})");
}

export async function write({ connection }: QuirkSetup, graph: string, ...queries: readonly string[]): Promise<void> {
  for (const query of queries) await connection.query(graph, query);
}

/** Runs a query that must fail; if it succeeds, the quirk is not reproduced. */
export async function failing({ connection }: QuirkSetup, graph: string, query: string): Promise<void> {
  const failure = await connection.query(graph, query).then(
    () => undefined,
    (error: unknown) => error,
  );
  if (failure === undefined) throw new Error(`the query was to fail and did not: ${query}`);
}

export async function asText({ connection }: QuirkSetup, work: () => Promise<void>): Promise<void> {
  await connection.command("GRAPH.CONFIG", "SET", "EFFECTS_THRESHOLD", 1_000_000_000);
  try {
    await work();
  } finally {
    await connection.command("GRAPH.CONFIG", "SET", "EFFECTS_THRESHOLD", 0);
  }
}

export async function loadCsv({ connection, imports = "" }: QuirkSetup, graph: string): Promise<void> {
  const file = join(imports, "rows.csv");
  await writeFile(file, Array.from({ length: 100 }, (_, index) => `${index},text ${index}\n`).join(""));
  await connection.query(graph, "LOAD CSV FROM 'file://rows.csv' AS row CREATE (:Row {number: row[0], text: row[1]})");
  await writeFile(file, "another,file\n");
}

export async function constrain(
  { connection, signal }: QuirkSetup,
  graph: string,
  type: "UNIQUE" | "MANDATORY",
  of: "NODE" | "RELATIONSHIP",
  label: string,
  key: string,
): Promise<void> {
  await connection.command("GRAPH.CONSTRAINT", "CREATE", graph, type, of, label, "PROPERTIES", 1, key);
  const isSettled = async (): Promise<true | undefined> => {
    const { rows } = await connection.roQuery(graph, "CALL db.constraints() YIELD status RETURN status");
    return rows.every(([status]) => status === "OPERATIONAL") ? true : undefined;
  };
  await waitFor(isSettled, {
    exit: "inconclusive",
    what: `the constraint on ${label}`,
    timeoutMs: settleTimeoutMs,
    signal,
  });
}

export async function inDatabases(
  { connection }: QuirkSetup,
  databases: readonly number[],
  work: (database: number) => Promise<void>,
): Promise<void> {
  for (const database of databases) {
    await connection.command("SELECT", database);
    try {
      await work(database);
    } finally {
      await connection.command("SELECT", 0);
    }
  }
}

/** Encodes a GRAPH.BULK blob: labels, one property key, and an integer per node. */
export function bulkNodes(labels: string, key: string, count: number): Buffer {
  const header = Buffer.from(`${labels}\0\u0001\0\0\0${key}\0`);
  const rows = Buffer.alloc(9 * count);
  for (let row = 0; row < count; row++) {
    rows.writeUInt8(4, 9 * row);
    rows.writeBigInt64LE(BigInt(row), 9 * row + 1);
  }
  return Buffer.concat([header, rows]);
}
