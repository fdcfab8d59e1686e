// Queries of one text that come at once, and bring property names that their graph has not had: each numbers the names
// before its turn to write, and logs only those that it numbered itself. So a name may be logged after another one that
// has a larger number, and whoever reads the log gives each the number of the other.
import type { Engine } from "../../../engine/engine.ts";
import { connect } from "../../../falkordb/client/connection.ts";
import type { Drill } from "../../drill.ts";
import { recordDefect } from "./defect.ts";

/** Names of one query: the more there are, the likelier it is that two queries number some of them each. */
const letters = "abcdefghijklmnopqrstuvwxyz".split("");
const clients = 2;
const roundsPerGraph = 500;
/** It comes in about every second graph. */
const graphsMax = 20;

const defect = {
  what:
    "logs property names in another order than it numbered them where two queries bring new ones at once, so a restart from the " +
    "append-only file, and a replica, exchange the properties",
  seenIn: [41603],
} as const;

export async function playsExchangedProperties(drill: Drill): Promise<void> {
  const { engines, signal, progress, record } = drill;
  if (engines.kind === "external")
    return record.notCovered(
      "a defect of the engine is played on a server that may end, so not on one that others use",
    );
  await using engine = await engines.start({
    name: "source",
    signal,
    redisConfig: { appendonly: "yes" },
    moduleArgs: { EFFECTS_THRESHOLD: "0" },
  });
  let isShown = false;
  for (let number = 1; number <= graphsMax && !isShown; number += 1) {
    progress.step(`two clients at once bring new names: graph ${number}`);
    const graph = `names-${number}`;
    await writeAtOnce(engine, graph, signal);
    if ((await exchanged(engine, graph)) > 0) throw new Error("the source itself has exchanged properties");
    await engine.restart();
    isShown = (await exchanged(engine, graph)) > 0;
  }
  await recordDefect(drill, engine, defect, isShown);
}

async function writeAtOnce({ endpoint }: Engine, graph: string, signal: AbortSignal): Promise<void> {
  await using resources = new AsyncDisposableStack();
  const connections = await Promise.all(
    Array.from({ length: clients }, async () => resources.use(await connect(endpoint, { signal }))),
  );
  for (let round = 0; round < roundsPerGraph; round += 1) {
    const properties = letters.map((letter) => `${letter}${round}: '${letter}${round}'`);
    const cypher = `CREATE (:T {${properties.join(", ")}})`;
    await Promise.all(connections.map((connection) => connection.query(graph, cypher)));
  }
}

/** How many properties have a value that is not their name. */
async function exchanged({ endpoint }: Engine, graph: string): Promise<number> {
  await using connection = await connect(endpoint);
  const cypher = "MATCH (n:T) UNWIND keys(n) AS key WITH key, n[key] AS value WHERE key <> value RETURN count(key)";
  return Number((await connection.roQuery(graph, cypher)).rows[0]?.[0]);
}
