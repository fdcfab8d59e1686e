// Keeping indexes current is half the work of a replay, most of it for words that the next change replaces. So the
// indexes of a graph are dropped before many changes and rebuilt afterwards, when each entity is indexed once. Only
// indexes that can be rebuilt exactly are suspended; the engine's own report must be the same afterwards.
import type { DataOnlyRange } from "./data-only-ranges.ts";
import type { Connection } from "../client/connection.ts";
import { assertRemade, type IndexDefinition, readDroppableIndexes } from "./index-definitions.ts";
import { isOperational } from "../client/operational.ts";

/** Runs statements on a graph of the target, one after the other; the target takes them only from its master. */
export type ApplyStatements = (database: number, graph: string, statements: readonly string[]) => Promise<void>;

/**
 * Share of a graph's entities: fewer changes are faster with the indexes kept than rebuilding them all. Only where the
 * indexes are complete; while they are still being built, as after a load, there is nothing to lose.
 */
const shareMin = 0.1;

export class SuspendedIndexes {
  readonly #connection: Connection;
  readonly #apply: ApplyStatements;
  /** Definitions of the dropped indexes that a graph must get back. */
  readonly #suspended = new Map<string, readonly IndexDefinition[]>();

  constructor(connection: Connection, apply: ApplyStatements) {
    this.#connection = connection;
    this.#apply = apply;
  }

  /** Returns false where it is not worth it, or no index may be suspended. Call it at the start of the range. */
  async drop({ database, graph, changes }: DataOnlyRange): Promise<boolean> {
    const definitions = await this.#in(database, async (connection) =>
      (await isWorthwhile(connection, graph, changes)) ? await readDroppableIndexes(connection, graph) : [],
    );
    if (definitions.every(({ statements }) => statements === undefined)) return false;
    this.#suspended.set(`${database}/${graph}`, definitions);
    await this.#apply(
      database,
      graph,
      definitions.flatMap(({ statements }) => statements?.drop ?? []),
    );
    return true;
  }

  /** Creates the suspended indexes of the graph again; the engine builds them in the background. */
  async rebuild({ database, graph }: DataOnlyRange): Promise<void> {
    const key = `${database}/${graph}`;
    const definitions = this.#suspended.get(key);
    if (definitions === undefined) return;
    this.#suspended.delete(key);
    await this.#apply(
      database,
      graph,
      definitions.flatMap(({ statements }) => statements?.make ?? []),
    );
    await this.#in(database, (connection) => assertRemade(connection, graph, definitions));
  }

  async #in<T>(database: number, work: (connection: Connection) => Promise<T>): Promise<T> {
    await this.#connection.command("SELECT", database);
    try {
      return await work(this.#connection);
    } finally {
      await this.#connection.command("SELECT", 0);
    }
  }
}

async function isWorthwhile(connection: Connection, graph: string, changes: number): Promise<boolean> {
  if ((await connection.command("EXISTS", graph)) !== 1) return false;
  if (!(await isOperational(connection, graph))) return true;
  const count = async (pattern: string): Promise<number> =>
    Number((await connection.roQuery(graph, `MATCH ${pattern} RETURN count(e)`)).rows[0]?.[0]);
  return changes >= shareMin * ((await count("(e)")) + (await count("()-[e]->()")));
}
