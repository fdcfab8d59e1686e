// Increments that hold one kind of change only, or none: each restores what the source held.
import { connect, type Connection } from "../../../falkordb/client/connection.ts";
import type { Drill } from "../../drill.ts";
import { askClaim, type Claim, readClaimed } from "./claim.ts";
import { incrementalSystem, type Link, proveLink, smallSource, takeIncrement } from "./small-source.ts";

type Change = readonly [
  name: string,
  /** Returns what it had to leave, where that is known. */
  change: (connection: Connection, graph: string) => Promise<Claim | undefined>,
];

const query =
  (cypher: string) =>
  async (connection: Connection, graph: string): Promise<undefined> => {
    await connection.query(graph, cypher);
  };

const changes: readonly Change[] = [
  ["nothing at all", () => Promise.resolve(undefined)],
  ["only updates", update],
  [
    // Graphiti's way: the fact stays and records since when it is invalid.
    "only invalidations",
    query(
      "MATCH ()-[r:RELATES_TO]->() WITH r ORDER BY r.uuid LIMIT 20 " +
        "SET r.invalid_at = '2026-11-24T10:00:00+00:00', r.expired_at = '2026-11-24T10:00:01+00:00'",
    ),
  ],
  ["only deletes", query("MATCH (n:Entity) WITH n ORDER BY n.uuid LIMIT 20 DETACH DELETE n")],
  [
    "only schema changes",
    async (connection, graph) => {
      await connection.query(graph, "CREATE INDEX FOR (n:Entity) ON (n.touched)");
      await connection.command(
        "GRAPH.CONSTRAINT",
        "CREATE",
        graph,
        "MANDATORY",
        "NODE",
        "Entity",
        "PROPERTIES",
        1,
        "uuid",
      );
      await connection.query(graph, "CREATE INDEX FOR (n:Later) ON (n.never)");
      await connection.query(graph, "DROP INDEX FOR (n:Later) ON (n.never)");
      return undefined;
    },
  ],
  // Freed ids are reused in the order in which the engine frees them.
  [
    "deletes and new ones in their place",
    query("MATCH (n:Entity) WITH n ORDER BY n.uuid LIMIT 5 DETACH DELETE n CREATE (:Entity {uuid: randomUUID()})"),
  ],
  [
    "a graph deleted and created again",
    async (connection, graph) => {
      await connection.command("GRAPH.DELETE", graph);
      await connection.query(
        graph,
        "UNWIND range(1, 10) AS i CREATE (:Anew {i: i})-[:NEXT {at: timestamp()}]->(:Anew)",
      );
      return undefined;
    },
  ],
];

/**
 * The new texts are built here: FalkorDB's `+` loses some (docs/track-record.md), which is not a fault of the backup.
 */
async function update(connection: Connection, graph: string): Promise<Claim> {
  const summaries = { graph, pattern: "(x:Entity)", property: "summary" };
  const wanted = new Map<string, string>();
  for (const [key, text] of await readClaimed(connection, summaries)) wanted.set(key, `${text} (changed)`);
  const rows = [...wanted].map(([key, text]) => [Number(key.slice(key.indexOf(" ") + 1)), text] as const);
  await connection.query(
    graph,
    "UNWIND $rows AS row MATCH (n:Entity) WHERE id(n) = row[0] SET n.summary = row[1], n.touched = rand(), n.at = timestamp()",
    { rows },
  );
  return { ...summaries, wanted };
}

export async function restoresOddIncrements(drill: Drill): Promise<void> {
  await using resources = new AsyncDisposableStack();
  const source = await smallSource(drill, resources);
  const system = await incrementalSystem(drill, resources);
  await using connection = await connect(source.endpoint);
  const [graph = ""] = (await connection.graphs()).toSorted();
  await system.backup({ source, coordinator: undefined, progress: drill.progress, signal: drill.signal });
  const links: Link[] = [];
  for (const [name, change] of changes) {
    const claim = await change(connection, graph);
    const link = await takeIncrement(drill, system, source, name);
    links.push({ ...link, broken: claim === undefined ? undefined : await askClaim(connection, claim) });
  }
  for (const link of links) await proveLink(drill, system, link);
  drill.record.requireWitnesses("incrementsLinked", "linksRestored", "entitiesCompared");
}
