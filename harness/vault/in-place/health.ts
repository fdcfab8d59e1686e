// Whether an application can work with a restored server: a real write, a real search through every full-text index, and
// what the application says of itself. Asked before it is let in.
import { errorMessage } from "../../base/errors.ts";
import type { Engine } from "../../engine/engine.ts";
import { connect, type Connection } from "../../falkordb/client/connection.ts";
import { matchOf, propertyOf } from "../../falkordb/client/quoted-name.ts";
import { overOneConnection, waitFor } from "../../base/wait.ts";
import { tryWrite } from "../../observe/try-write.ts";

const answerTimeoutMs = 30_000;
const replicasTimeoutMs = 120_000;
/** A whole word, too long for most stop words. */
const word = /(?<![\p{L}\p{N}_])(?:\d{3,}|[a-z\d]{6,})(?![\p{L}\p{N}_])/iu;
const sampled = 20;

export interface SearchIndex {
  readonly graph: string;
  readonly entity: "NODE" | "RELATIONSHIP";
  readonly label: string;
  readonly property: string;
}

/** Why it takes no write; undefined where it does. */
export async function writeProblem(target: Engine): Promise<string | undefined> {
  const write = await tryWrite(target.endpoint, answerTimeoutMs);
  return write.taken ? undefined : `a write failed: ${write.error}`;
}

/** One sentence for each search that does not find what is there. */
export async function searchProblems(target: Engine, indexes: readonly SearchIndex[]): Promise<readonly string[]> {
  const problems: string[] = [];
  await using connection = await connect(target.endpoint, { commandTimeoutMs: answerTimeoutMs });
  for (const index of indexes) {
    const { graph, label, property } = index;
    try {
      if (!(await findsItself(connection, index)))
        problems.push(`a search for a text of ${label}.${property} in graph ${JSON.stringify(graph)} does not find it`);
    } catch (error) {
      problems.push(`a search in graph ${JSON.stringify(graph)} failed: ${errorMessage(error)}`);
    }
  }
  return problems;
}

/**
 * A server that asks for replicas (`min-replicas-to-write`) takes no writes until they have loaded what replaced its data.
 * Where they do not come back in time, the write that follows says so.
 */
export async function untilReplicasAreBack(target: Engine, replicas: number, signal: AbortSignal): Promise<void> {
  await using connection = await connect(target.endpoint, { commandTimeoutMs: answerTimeoutMs });
  const areBack = async (): Promise<true | undefined> => {
    const { min_slaves_good_slaves: good = replicas } = await connection.info("replication");
    return Number(good) >= replicas || undefined;
  };
  const what = "its replicas to load what was restored";
  const limits = { timeoutMs: replicasTimeoutMs, intervalMaxMs: 500, exit: "notRecovered", signal } as const;
  await waitFor(overOneConnection(areBack), { what, ...limits }).catch(() => signal.throwIfAborted());
}

/** Searches for words out of texts that are there; one may be a stop word of this index, all of them are not. */
async function findsItself(connection: Connection, { graph, entity, label, property }: SearchIndex): Promise<boolean> {
  const [call, found] =
    entity === "NODE" ? (["queryNodes", "node"] as const) : (["queryRelationships", "relationship"] as const);
  const text = propertyOf("e", property);
  const sample = await connection.roQuery(
    graph,
    `${matchOf(entity, label)} WHERE ${text} IS NOT NULL RETURN id(e), ${text} LIMIT ${sampled}`,
  );
  let isAsked = false;
  for (const [id, value] of sample.rows) {
    const asked = typeof value === "string" ? word.exec(value)?.[0] : undefined;
    if (asked === undefined) continue;
    isAsked = true;
    const { rows } = await connection.roQuery(
      graph,
      `CALL db.idx.fulltext.${call}($label, $asked) YIELD ${found} WITH ${found} AS e WHERE id(e) = $id RETURN id(e)`,
      { label, asked, id: Number(id) },
    );
    if (rows.length > 0) return true;
  }
  return !isAsked;
}
