// Tests constraints by an attempt to violate each of them. Only done on a restored target; an attempt that succeeds is
// undone at once.
import { errorMessage } from "../base/errors.ts";
import type { ConstraintState } from "../check/observation.ts";
import { quotedName } from "../falkordb/client/quoted-name.ts";
import type { Connection } from "../falkordb/client/connection.ts";

export async function attemptViolations(
  connection: Connection,
  graph: string,
  constraints: readonly ConstraintState[],
): Promise<ConstraintState[]> {
  const states: ConstraintState[] = [];
  for (const constraint of constraints) {
    const enforced = await attempt(connection, graph, constraint);
    states.push(enforced === undefined ? constraint : { ...constraint, enforced });
  }
  return states;
}

/** Undefined where nothing can be violated, as in an empty graph. */
async function attempt(
  connection: Connection,
  graph: string,
  constraint: ConstraintState,
): Promise<boolean | undefined> {
  const { kind, entity, label, properties } = constraint;
  const isNode = entity === "NODE";
  const named = quotedName(label);
  const match = isNode ? `MATCH (e:${named})` : `MATCH (n)-[e:${named}]->(m)`;
  const given = properties.map((name) => `e.${quotedName(name)} IS NOT NULL`).join(" AND ");
  // A duplicate of an existing entity breaks UNIQUE; one without the properties breaks MANDATORY.
  const copied =
    kind === "UNIQUE" ? properties.map((name) => `${quotedName(name)}: e.${quotedName(name)}`).join(", ") : "";
  const created = isNode ? `CREATE (x:${named} {${copied}})` : `CREATE (n)-[x:${named} {${copied}}]->(m)`;
  const passed = isNode ? "e" : "n, e, m";
  const query = `${match} WHERE ${given} WITH ${passed} LIMIT 1 ${created} RETURN id(x), ${isNode ? "0" : "id(n)"}`;
  let made: readonly unknown[] | undefined;
  try {
    [made] = (await connection.query(graph, query)).rows;
  } catch (error) {
    if (/constraint|violat/i.test(errorMessage(error))) return true;
    throw error;
  }
  if (made === undefined) return undefined;
  const [id, source] = made.map(Number);
  await connection.query(
    graph,
    isNode
      ? `MATCH (x) WHERE id(x) = ${id} DELETE x`
      : `MATCH (n)-[x:${named}]->() WHERE id(n) = ${source} AND id(x) = ${id} DELETE x`,
  );
  return false;
}
