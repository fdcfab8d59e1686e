// Sends Graphiti's searches and keeps their answers in a form that can be compared between engines.
import { errorMessage } from "../base/errors.ts";
import type { Search, SearchAnswer } from "../check/observation.ts";
import type { Connection } from "../falkordb/client/connection.ts";

/** Scores are computed in single precision and printed with 15 digits, of which six are reliable. */
const scoreDigits = 6;

export async function askSearches(
  connection: Connection,
  graph: string,
  searches: readonly Search[],
): Promise<SearchAnswer[]> {
  const answers: SearchAnswer[] = [];
  for (const { name, query, parameters } of searches) {
    const prefix = Object.entries(parameters).map(([key, literal]) => `${key}=${literal}`);
    try {
      const { rows } = await connection.roQuery(graph, `CYPHER ${prefix.join(" ")} ${query}`);
      answers.push({
        name,
        rows: rows.map(([uuid, score]) => [
          typeof uuid === "string" ? uuid : JSON.stringify(uuid),
          Number(score).toPrecision(scoreDigits),
        ]),
      });
    } catch (error) {
      answers.push({ name, rows: [], error: errorMessage(error) });
    }
  }
  return answers;
}
