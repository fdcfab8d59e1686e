// GRAPH.LIST names the graphs of all databases together, while a query finds only those of the selected database.
import type { Connection } from "./connection.ts";

/** The graphs of the selected database, sorted: those that a query finds. */
export async function graphsOfDatabase(connection: Connection): Promise<string[]> {
  const names = (await connection.graphs()).toSorted();
  const types = await connection.pipeline(names.map((name) => ["TYPE", name]));
  return names.filter((_, at) => types[at] === "graphdata");
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
