// The small graph that the conformance suite works with.
import { connect, type Connection } from "../../falkordb/client/connection.ts";
import type { Engine } from "../engine.ts";

/** Connects with a deadline of half a minute per reply; its error names the command. */
const answerTimeoutMs = 30_000;

export async function ask(engine: Engine): Promise<Connection> {
  return await connect(engine.endpoint, { commandTimeoutMs: answerTimeoutMs });
}

export async function seed(engine: Engine, nodes = 1000): Promise<void> {
  await using connection = await ask(engine);
  await connection.query("seeded", "UNWIND range(1, $nodes) AS i CREATE (:Item {id: i, text: 'text ' + i})", { nodes });
  await connection.query("seeded", "CREATE INDEX FOR (n:Item) ON (n.id)");
  await engine.ready("operational");
}

export async function countItems(engine: Engine): Promise<unknown> {
  await using connection = await ask(engine);
  if (!(await connection.graphs()).includes("seeded")) return 0;
  return (await connection.roQuery("seeded", "MATCH (n:Item) WHERE n.id > 0 RETURN count(n)")).rows[0]?.[0];
}
