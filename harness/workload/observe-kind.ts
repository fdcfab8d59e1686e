// Reads back what the writes of one kind left in a graph. Uses only GRAPH.RO_QUERY: a plain query on a missing graph
// would create it.
import type { ChurnItem } from "../../generators/writes/churn.ts";
import type { WriteKindName } from "../../generators/writes/write-kind.ts";
import { type KindObservation, type KindState, rangesOf } from "../check/history/moment.ts";
import type { Connection } from "../falkordb/client/connection.ts";
import { wholeList } from "../falkordb/client/read-whole.ts";
import type { Value } from "../falkordb/client/reply.ts";
import { foundWithoutLabel } from "../observe/found-without-label.ts";
import { graphsOfDatabase } from "../falkordb/client/graphs-by-database.ts";

/** A missing graph is observed as an empty one. `graphs`: existing graphs, if known. */
export async function observeKind(
  connection: Connection,
  graph: string,
  kind: WriteKindName,
  graphs?: ReadonlySet<string>,
): Promise<KindObservation> {
  const isThere = (graphs ?? new Set(await graphsOfDatabase(connection))).has(graph);
  const read: Read = async (match, columns) => (isThere ? await wholeList(connection, graph, match, columns) : []);
  const { traces, twice } = tracesOf(await read("MATCH (w:Write)", "w.writer, w.sequence"));
  const state = await stateOf(kind, read);
  if (state.kind !== "churn" || !isThere) return { graph, traces, twice, state };
  return {
    graph,
    traces,
    twice,
    state: { ...state, withoutLabel: await foundWithoutLabel(connection, graph, "Churn") },
  };
}

function tracesOf(rows: readonly Value[][]): Pick<KindObservation, "traces" | "twice"> {
  const byWriter = new Map<string, number[]>();
  for (const [writer, sequence] of rows) {
    const name = textOf(writer);
    const numbers = byWriter.get(name) ?? [];
    byWriter.set(name, numbers);
    numbers.push(Number(sequence));
  }
  const traces = [...byWriter].map(([writer, numbers]) => [writer, rangesOf(numbers)] as const);
  // rangesOf has sorted the numbers, so duplicates are adjacent.
  const twice = [...byWriter].flatMap(([writer, numbers]) =>
    numbers.filter((number, index) => number === numbers[index - 1]).map((number) => [writer, number] as const),
  );
  return { traces: Object.fromEntries(traces), twice };
}

type Read = (match: string, columns: string) => Promise<Value[][]>;

async function stateOf(kind: WriteKindName, read: Read): Promise<KindState> {
  switch (kind) {
    case "ledger":
      return { kind, balances: pairs(await read("MATCH (a:Account)", "a.number, a.balance")) };
    case "ring": {
      const [count] = await read("MATCH (n:Ring) WITH count(n) AS nodes", "nodes");
      const edges = pairs(await read("MATCH (a:Ring)-[:NEXT]->(b:Ring)", "a.number, b.number"));
      return { kind, nodes: Number(count?.[0] ?? 0), edges };
    }
    case "counter":
      return { kind, values: pairs(await read("MATCH (c:Counter)", "c.number, c.value")) };
    case "hot-entity": {
      const hubs = await read(
        "MATCH (h:Hub) OPTIONAL MATCH (h)-[e:TOUCHED_BY]->() WITH h, count(e) AS edges LIMIT 10",
        "h.touches, h.total, edges",
      );
      return { kind, hubs: hubs.map(([touches, total, edges]) => [Number(touches), Number(total), Number(edges)]) };
    }
    case "churn":
      return { kind, ...(await churnState(read)) };
  }
}

async function churnState(read: Read): Promise<{ items: ChurnItem[]; indexes: string[] }> {
  // The engine may still find a deleted node by its label, and then fails when it is asked for a property.
  const rows = await read("MATCH (n:Churn) WHERE 'Churn' IN labels(n)", "n.key, labels(n), keys(n)");
  const items = rows.map(([key, labels, properties]) => ({
    key: textOf(key),
    labels: namesOf(labels, "Churn"),
    properties: namesOf(properties, "key"),
  }));
  const indexes = (await read("CALL db.indexes() YIELD label", "label")).map(([label]) => textOf(label));
  return { items, indexes: indexes.filter((label) => label !== "Churn").toSorted() };
}

function textOf(value: Value | undefined): string {
  return typeof value === "string" ? value : JSON.stringify(value ?? null);
}

function namesOf(value: Value | undefined, without: string): string[] {
  const names = Array.isArray(value) ? value.map(textOf) : [];
  return names.filter((name) => name !== without).toSorted();
}

function pairs(rows: readonly Value[][]): (readonly [number, number])[] {
  const numbers = rows.map(([first, second]) => [Number(first), Number(second)] as const);
  return numbers.toSorted(([a], [b]) => a - b);
}
