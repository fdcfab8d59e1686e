// Values that only a query can write, by the id that their node or edge has in the new graph. Only a range of node ids is
// cheap to find, so a query takes a run of neighbouring ids and a list with the value of each.
import { answered, queryTimeoutMs } from "../client/answered.ts";
import type { Connection } from "../client/connection.ts";
import { cypherName } from "./cypher-name.ts";

export interface QueryTarget {
  readonly kind: "node" | "edge";
  /** The type of an edge. */
  readonly type?: string;
  readonly property: string;
}

const textMax = 1 << 20;
/** The engine takes longer for each value of a longer list. */
const valuesMax = 2000;
/** A longer gap between two ids begins another query. */
const gapMax = 64;

interface Waiting {
  readonly target: QueryTarget;
  readonly values: (readonly [id: number, expression: string])[];
}

export class QueryValues {
  readonly #waiting = new Map<string, Waiting>();
  #bytes = 0;

  /** Characters that wait. */
  get size(): number {
    return this.#bytes;
  }

  add(target: QueryTarget, id: number, expression: string): void {
    const key = JSON.stringify([target.kind, target.type, target.property]);
    const waiting = this.#waiting.get(key) ?? { target, values: [] };
    this.#waiting.set(key, waiting);
    waiting.values.push([id, expression]);
    this.#bytes += expression.length;
  }

  /** `entities` is about how many a query over edges has to look at. */
  async write(connection: Connection, graph: string, entities: number): Promise<void> {
    for (const { target, values } of this.#waiting.values())
      for (const run of runsOf(values.sort(([a], [b]) => a - b))) {
        const what = `writing ${target.property} in graph "${graph}"`;
        await answered(connection, what, connection.query(graph, queryOf(target, run)), queryTimeoutMs(entities));
      }
    this.#waiting.clear();
    this.#bytes = 0;
  }
}

interface Run {
  readonly from: number;
  readonly to: number;
  readonly list: string;
}

function* runsOf(values: Waiting["values"]): Generator<Run> {
  let [from, to, list, size] = [0, 0, [] as string[], 0];
  for (const [id, expression] of values) {
    if (list.length > 0 && (id - to > gapMax || size > textMax || list.length > valuesMax)) {
      yield { from, to, list: list.join(",") };
      [list, size] = [[], 0];
    }
    if (list.length === 0) from = id;
    else for (let gap = to + 1; gap < id; gap++) list.push("null");
    list.push(expression);
    to = id;
    size += expression.length;
  }
  if (list.length > 0) yield { from, to, list: list.join(",") };
}

function queryOf({ kind, type, property }: QueryTarget, { from, to, list }: Run): string {
  const [entity, pattern] = kind === "node" ? ["n", "(n)"] : ["r", `()-[r:${cypherName(type ?? "")}]->()`];
  const value = `v[id(${entity}) - ${from}]`;
  const isThere = `id(${entity}) >= ${from} AND id(${entity}) <= ${to} AND ${value} IS NOT NULL`;
  return `WITH [${list}] AS v MATCH ${pattern} WHERE ${isThere} SET ${entity}.${cypherName(property)} = ${value}`;
}
