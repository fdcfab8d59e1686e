// Removes an episode in Graphiti's order: the facts that it was the first to state, the entities that nothing else
// mentions, then the episode; one query per label, as the real driver sends them. The episode goes last, so a removal
// that was interrupted can be done again from the start.
import type { Connection } from "../../../falkordb/client/connection.ts";

const deletedLabels = ["Entity", "Episodic", "Community"] as const;

const ownFacts = `MATCH (e:Episodic {uuid: $uuid}) UNWIND e.entity_edges AS fact
MATCH ()-[r:RELATES_TO {uuid: fact}]->() WHERE r.episodes[0] = $uuid RETURN DISTINCT r.uuid`;

const ownEntities = `MATCH (e:Episodic {uuid: $uuid})-[:MENTIONS]->(n:Entity) WITH DISTINCT n
MATCH (other:Episodic)-[:MENTIONS]->(n) WITH n, count(DISTINCT other) AS mentions WHERE mentions = 1 RETURN n.uuid`;

/** False when there is no such episode. */
export async function removeEpisode(connection: Connection, graph: string, uuid: string): Promise<boolean> {
  if (!(await hasEpisode(connection, graph, uuid))) return false;
  const facts = await column(connection, graph, ownFacts, uuid);
  const entities = await column(connection, graph, ownEntities, uuid);
  await connection.query(graph, "UNWIND $uuids AS uuid MATCH ()-[r:RELATES_TO {uuid: uuid}]->() DELETE r", {
    uuids: facts,
  });
  await deleteNodes(connection, graph, entities);
  await deleteNodes(connection, graph, [uuid]);
  return true;
}

export async function hasEpisode(connection: Connection, graph: string, uuid: string): Promise<boolean> {
  const { rows } = await connection.roQuery(graph, "MATCH (e:Episodic {uuid: $uuid}) RETURN e.uuid LIMIT 1", { uuid });
  return rows.length > 0;
}

async function deleteNodes(connection: Connection, graph: string, uuids: string[]): Promise<void> {
  for (const label of deletedLabels) {
    await connection.query(graph, `UNWIND $uuids AS uuid MATCH (n:${label} {uuid: uuid}) DETACH DELETE n`, { uuids });
  }
}

async function column(connection: Connection, graph: string, query: string, uuid: string): Promise<string[]> {
  const { rows } = await connection.roQuery(graph, query, { uuid });
  return rows.flatMap(([value]) => (typeof value === "string" ? [value] : []));
}
