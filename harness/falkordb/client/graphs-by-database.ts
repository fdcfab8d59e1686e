// GRAPH.LIST names the graphs of all databases together, while a query finds only those of the selected database.
import type { Connection } from "./connection.ts";

const keysPerScan = 1000;

/** The graphs of the selected database, sorted: those that a query finds. */
export async function graphsOfDatabase(connection: Connection): Promise<string[]> {
  // SCAN may return a key twice.
  const graphs = new Set<string>();
  let cursor = "0";
  do {
    const reply = await connection.command("SCAN", cursor, "TYPE", "graphdata", "COUNT", keysPerScan);
    const [next, keys] = reply as [string, string[]];
    for (const key of keys) graphs.add(key);
    cursor = next;
  } while (cursor !== "0");
  return [...graphs].toSorted();
}

interface DatabaseGraphs {
  readonly database: number;
  readonly graphs: readonly string[];
}

/** Yields each non-empty database in turn, selected on the connection; database 0 is selected after the last. */
export async function* graphsByDatabase(connection: Connection): AsyncGenerator<DatabaseGraphs> {
  const fields = Object.keys(await connection.info("keyspace"));
  const databases = fields.flatMap((field) => /^db(\d+)$/.exec(field)?.[1] ?? []).map(Number);
  if (databases.every((database) => database === 0)) {
    if (databases.length > 0) yield { database: 0, graphs: (await connection.graphs()).toSorted() };
    return;
  }
  try {
    for (const database of databases) {
      await connection.command("SELECT", database);
      yield { database, graphs: await graphsOfDatabase(connection) };
    }
  } finally {
    await connection.command("SELECT", 0);
  }
}
