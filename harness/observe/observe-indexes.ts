// Queries the indexes: range lookups by count and digest of ids, words by the ids that full-text search returns.
import { DrillError, errorMessage } from "../base/errors.ts";
import { idSumColumns } from "../check/fingerprint/id-sums.ts";
import { textLiteral } from "../../generators/schema/literal.ts";
import type { EntityKind, IndexAnswer, Lookup, Match, WordAnswer, WordProbe } from "../check/observation.ts";
import { matchOf, propertyOf } from "../falkordb/client/quoted-name.ts";
import type { Command, Connection } from "../falkordb/client/connection.ts";
import { decodeReply } from "../falkordb/client/reply.ts";
import { cell, integerCell } from "./entity-keys.ts";
import type { ReadStream } from "../falkordb/client/read-stream.ts";

export async function askIndexes(
  connection: Connection,
  graph: string,
  lookups: readonly Lookup[],
  scans: readonly Match[],
): Promise<IndexAnswer[]> {
  if (lookups.length === 0) return [];
  const queries = lookups.map(queryOf);
  // The server treats GRAPH.EXPLAIN as a write; one that refuses writes does not report whether it used its index.
  const plans = await ask(
    connection,
    queries.map((query): Command => ["GRAPH.EXPLAIN", graph, query]),
    refusedWrite,
  );
  const replies = await ask(
    connection,
    queries.map((query): Command => ["GRAPH.RO_QUERY", graph, query, "--compact", "timeout", 0]),
  );
  return lookups.map((lookup, at) => {
    const [row = []] = decodeReply(replies[at]).rows;
    return {
      lookup,
      index: { count: Number(row[0] ?? 0), ids: `${Number(row[1] ?? 0)}-${Number(row[2] ?? 0)}` },
      scan: scans[at] ?? { count: 0, ids: "0-0" },
      usedIndex: /By Index Scan/.test(String(plans[at])),
    };
  });
}

function queryOf({ entity, label, property, operator, literal }: Lookup): string {
  return `${matchOf(entity, label)} WHERE ${propertyOf("e", property)} ${operator} ${literal} RETURN ${idSumColumns("e")}`;
}

const refusedWrite = /^(?:READONLY|NOREPLICAS|MISCONF|OOM) /;

async function ask(connection: Connection, commands: readonly Command[], harmless?: RegExp): Promise<unknown[]> {
  const replies = await connection.pipeline(commands);
  for (const [at, reply] of replies.entries())
    if (reply instanceof Error && harmless?.test(reply.message) !== true)
      throw new DrillError(`"${String(commands[at]?.[2])}" failed: ${errorMessage(reply)}`, {
        exit: "inconclusive",
        cause: reply,
      });
  return replies;
}

/** A word may be in every entity: ids are returned in a few long rows, which no limit on rows truncates. */
const wordRows = 32;

export async function askWords(
  stream: ReadStream,
  graph: string,
  probes: readonly WordProbe[],
  held: readonly (readonly number[])[],
): Promise<WordAnswer[]> {
  const answers: WordAnswer[] = [];
  for (const [at, probe] of probes.entries()) {
    const missing = new Set(held[at] ?? []);
    let index = 0;
    const query = `CALL ${procedureOf(probe.entity)}(${textLiteral(probe.label)}, ${textLiteral(probe.word)})`;
    await stream.rows(
      graph,
      `${query} ${yieldOf(probe.entity)} RETURN id(e) % ${wordRows}, collect(id(e))`,
      (cursor) => {
        cursor.array();
        integerCell(cursor);
        const ids = Array.from({ length: cell(cursor).array() }, () => integerCell(cursor));
        index += ids.length;
        for (const id of ids) missing.delete(id);
      },
    );
    const scan = held[at]?.length ?? 0;
    answers.push({ probe, index, scan: probe.stopword ? 0 : scan, missed: probe.stopword ? 0 : missing.size });
  }
  return answers;
}

function procedureOf(entity: EntityKind): string {
  return entity === "NODE" ? "db.idx.fulltext.queryNodes" : "db.idx.fulltext.queryRelationships";
}

function yieldOf(entity: EntityKind): string {
  return entity === "NODE" ? "YIELD node AS e" : "YIELD relationship AS e";
}
