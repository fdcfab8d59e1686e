// Whether the index of each relation type finds an edge of the node with id 0: FalkorDB 4.16 loses those edges, and no
// others, from the index at each load. One edge is asked for in each direction, by the value that it holds.
import { textLiteral } from "../../generators/schema/literal.ts";
import type { FirstNodeAnswer, Index } from "../check/observation.ts";
import type { Command, Connection } from "../falkordb/client/connection.ts";
import { decodeReply, type Value } from "../falkordb/client/reply.ts";
import { isQuotable, propertyOf, quotedName } from "../falkordb/client/quoted-name.ts";

/** Edges of the node that are looked at for a value that an index finds. */
const edgesMax = 20;
const textMax = 200;

interface Probe {
  readonly pattern: string;
  readonly properties: readonly string[];
  readonly answer: Pick<FirstNodeAnswer, "label" | "end">;
}

export async function askFirstNode(
  connection: Connection,
  graph: string,
  indexes: readonly Index[],
): Promise<FirstNodeAnswer[]> {
  const probes = indexes.flatMap(probesOf);
  const edges = await rowsOf(
    connection,
    graph,
    probes.map(({ pattern, properties }) => {
      const values = properties.map((name) => propertyOf("e", name));
      return `MATCH ${pattern} WHERE id(n) = 0 RETURN id(e), ${values.join(", ")} LIMIT ${edgesMax}`;
    }),
  );
  const asked = probes.flatMap(({ pattern, properties, answer }, at) => {
    for (const [id, ...values] of edges[at] ?? [])
      for (const [position, value] of values.entries()) {
        const [literal, property] = [literalOf(value), properties[position]];
        if (literal === undefined || property === undefined) continue;
        const query = `MATCH ${pattern} WHERE id(n) = 0 AND ${propertyOf("e", property)} = ${literal} AND id(e) = ${Number(id)} RETURN count(e)`;
        return { query, answer: { ...answer, property, literal } };
      }
    return [];
  });
  const counts = await rowsOf(
    connection,
    graph,
    asked.map(({ query }) => query),
  );
  return asked.map(({ answer }, at) => Object.assign(answer, { found: Number(counts[at]?.[0]?.[0]) === 1 }));
}

function probesOf({ entity, label, fields }: Index): Probe[] {
  const properties = Object.keys(fields).filter((name) => fields[name]?.includes("RANGE"));
  if (entity === "NODE" || properties.length === 0 || !isQuotable(label)) return [];
  return [
    { pattern: `(n)-[e:${quotedName(label)}]->()`, properties, answer: { label, end: "start" } },
    { pattern: `(n)<-[e:${quotedName(label)}]-()`, properties, answer: { label, end: "end" } },
  ];
}

/** Undefined for a value that FalkorDB finds in no index of edges: the empty text, zero. */
function literalOf(value: Value): string | undefined {
  if (typeof value === "string" && value !== "" && value.length < textMax) return textLiteral(value);
  return typeof value === "number" && Number.isSafeInteger(value) && value !== 0 ? String(value) : undefined;
}

async function rowsOf(
  connection: Connection,
  graph: string,
  queries: readonly string[],
): Promise<(readonly (readonly Value[])[])[]> {
  if (queries.length === 0) return [];
  const replies = await connection.pipeline(
    queries.map((query): Command => ["GRAPH.RO_QUERY", graph, query, "--compact", "timeout", 0]),
  );
  return replies.map((reply) => {
    if (reply instanceof Error) throw reply;
    return decodeReply(reply).rows;
  });
}
