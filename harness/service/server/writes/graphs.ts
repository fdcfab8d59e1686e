// One graph per group, created with Graphiti's indexes when the group is first written to. The real service races its
// index statements with the first writes; here they run first, so that a group never has half its indexes.
import { graphitiIndexes } from "../../../../generators/schema/graphiti-schema.ts";
import { indexStatements } from "../../../../generators/schema/index-statements.ts";
import type { Connection } from "../../../falkordb/client/connection.ts";

export class Graphs {
  readonly #ready = new Set<string>();

  async ensure(connection: Connection, groupId: string): Promise<void> {
    if (this.#ready.has(groupId)) return;
    if (!(await this.#isIndexed(connection, groupId))) {
      for (const statement of indexStatements(graphitiIndexes)) await createIndex(connection, groupId, statement);
    }
    this.#ready.add(groupId);
  }

  /** What was known about the graphs may not hold any more when the database comes back. */
  forget(): void {
    this.#ready.clear();
  }

  async #isIndexed(connection: Connection, groupId: string): Promise<boolean> {
    try {
      const { rows } = await connection.roQuery(groupId, "CALL db.indexes() YIELD label RETURN count(label)");
      return Number(rows[0]?.[0]) >= graphitiIndexes.length;
    } catch (error) {
      if (isMissingGraph(error)) return false;
      throw error;
    }
  }
}

export function isMissingGraph(error: unknown): boolean {
  return error instanceof Error && /empty key/i.test(error.message);
}

async function createIndex(connection: Connection, groupId: string, statement: string): Promise<void> {
  try {
    await connection.query(groupId, statement);
  } catch (error) {
    if (!(error instanceof Error) || !error.message.includes("already indexed")) throw error;
  }
}
