// Full-text search over facts, a group at a time, as Graphiti's POST /search gives it. Read-only queries, so that a search
// for an unknown group does not create its graph (the real service leaves thousands of empty graphs that way).
import type { Database } from "./database.ts";
import { isMissingGraph } from "./writes/graphs.ts";

export interface FactResult {
  readonly uuid: string;
  readonly name: string;
  readonly fact: string;
  readonly valid_at: string | null;
  readonly invalid_at: string | null;
  readonly created_at: string;
  readonly expired_at: string | null;
  readonly source_node_uuid: string | null;
  readonly target_node_uuid: string | null;
  readonly episodes: readonly string[];
}

const fields = [
  "uuid",
  "name",
  "fact",
  "valid_at",
  "invalid_at",
  "created_at",
  "expired_at",
  "source_node_uuid",
  "target_node_uuid",
  "episodes",
] as const;

const statement = [
  "CALL db.idx.fulltext.queryRelationships('RELATES_TO', $query) YIELD relationship AS r, score",
  "WITH r, score ORDER BY score DESC, r.uuid LIMIT $limit",
  `RETURN score, ${fields.map((field) => `r.${field}`).join(", ")}`,
].join(" ");

export async function searchFacts(
  database: Database,
  groupIds: readonly string[],
  text: string,
  limit: number,
): Promise<FactResult[]> {
  const query = fulltextQuery(text);
  if (query === undefined) return [];
  const found = await Promise.all(groupIds.map((groupId) => searchGroup(database, groupId, query, limit)));
  return found
    .flat()
    .sort((a, b) => b.score - a.score)
    .slice(0, limit)
    .map(({ fact }) => fact);
}

interface ScoredFact {
  readonly score: number;
  readonly fact: FactResult;
}

async function searchGroup(database: Database, groupId: string, query: string, limit: number): Promise<ScoredFact[]> {
  try {
    const { rows } = await database.use((connection) => connection.roQuery(groupId, statement, { query, limit }));
    return rows.map(([score, ...values]) => ({
      score: Number(score),
      fact: Object.fromEntries(fields.map((field, index) => [field, values[index]])) as unknown as FactResult,
    }));
  } catch (error) {
    if (isMissingGraph(error)) return [];
    throw error;
  }
}

/** Matches any of the words; everything that the search language could read as an operator is removed. */
export function fulltextQuery(text: string): string | undefined {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu);
  return words === null ? undefined : [...new Set(words)].slice(0, 64).join("|");
}
