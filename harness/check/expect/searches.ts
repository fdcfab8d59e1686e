// The searches that Graphiti sends, with seeded inputs. Each returns uuid and score, best first. Two details differ
// from Graphiti's queries: the ends of facts have no label, and a traversal starts at an index. With Graphiti's own
// queries FalkorDB 4.16 multiplies all entities with all facts, which takes minutes and all memory from 20k nodes on.
import type { Properties } from "../../../generators/model.ts";
import { textLiteral } from "../../../generators/schema/literal.ts";
import type { Search } from "../observation.ts";
import type { Samples } from "./samples.ts";
import { searchLimit } from "../checks/searches-check.ts";

const limit = `LIMIT ${searchLimit}`;

export function searchesFor(groupId: string, samples: Samples): Search[] {
  const [entity, second] = samples.of("NODE", "Entity");
  const [episode] = samples.of("NODE", "Episodic");
  const [fact] = samples.of("RELATIONSHIP", "RELATES_TO");
  const groups = `[${textLiteral(groupId)}]`;
  return [
    ...fullText("entities by name", "Node", "Entity", text(entity, "name"), groups),
    ...fullText("entities by summary", "Node", "Entity", text(second, "summary"), groups),
    ...fullText("episodes by content", "Node", "Episodic", text(episode, "content"), groups),
    ...fullText("facts", "Relationship", "RELATES_TO", text(fact, "fact"), groups),
    ...inForce(
      fullText("facts in force", "Relationship", "RELATES_TO", text(fact, "fact"), groups),
      text(fact, "created_at"),
    ),
    ...similar("entities by similarity", "MATCH (e:Entity)", "name_embedding", entity, groups),
    ...similar("facts by similarity", "MATCH ()-[e:RELATES_TO]->()", "fact_embedding", fact, groups),
    ...neighbours("neighbours of an episode", "Episodic", text(episode, "uuid")),
    ...neighbours("neighbours of an entity", "Entity", text(entity, "uuid")),
    ...recentEpisodes(text(episode, "valid_at"), groups),
  ];
}

function text(properties: Properties | undefined, name: string): string | undefined {
  const value = properties?.[name];
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** Graphiti joins the words of a search by OR. */
function fullText(
  name: string,
  entity: "Node" | "Relationship",
  label: string,
  question: string | undefined,
  groups: string,
): Search[] {
  const words = question?.match(/[A-Za-z]{4,}/g)?.slice(0, 3) ?? [];
  if (words.length === 0) return [];
  const yielded = entity === "Node" ? "node" : "relationship";
  const call = `CALL db.idx.fulltext.query${entity}s(${textLiteral(label)}, $query) YIELD ${yielded} AS e, score`;
  const found = `${call} WHERE e.group_id IN $group_ids`;
  const parameters = { query: textLiteral(`(${words.join(" | ")})`), group_ids: groups };
  return [
    {
      name,
      query: `${found} WITH e, score ORDER BY score DESC, e.uuid ${limit} RETURN e.uuid, score`,
      parameters,
      ranked: true,
    },
    // The set of results does not depend on the ranking, so it must be the same in every index.
    {
      name: `${name}, by uuid`,
      query: `${found} RETURN e.uuid, 0 ORDER BY e.uuid ${limit}`,
      parameters,
      ranked: false,
    },
  ];
}

/** A scan over all embeddings: Graphiti creates no vector index. */
function similar(
  name: string,
  match: string,
  property: string,
  sample: Properties | undefined,
  groups: string,
): Search[] {
  const vector = sample?.[property];
  if (!(vector instanceof Float32Array)) return [];
  const score = `(2 - vec.cosineDistance(e.${property}, vecf32($vector))) / 2`;
  const query = `${match} WHERE e.group_id IN $group_ids WITH e, ${score} AS score WHERE score > 0.5 RETURN e.uuid, score ORDER BY score DESC, e.uuid ${limit}`;
  return [{ name, query, parameters: { vector: `[${vector.join(",")}]`, group_ids: groups }, ranked: false }];
}

function neighbours(name: string, label: string, uuid: string | undefined): Search[] {
  if (uuid === undefined) return [];
  const walk = "MATCH (origin)-[:RELATES_TO|MENTIONS*1..2]->(n) WHERE n:Entity AND n.group_id = origin.group_id";
  const query = `MATCH (origin:${label}) WHERE origin.uuid = $origin WITH origin ${walk} RETURN DISTINCT n.uuid, 0 ORDER BY n.uuid ${limit}`;
  return [{ name, query, parameters: { origin: textLiteral(uuid) }, ranked: false }];
}

/** Graphiti's temporal filter on top of a search: only facts that were valid at a given time. */
function inForce(searches: readonly Search[], at: string | undefined): Search[] {
  if (at === undefined) return [];
  const held = "WHERE e.valid_at <= $at AND (e.invalid_at IS NULL OR e.invalid_at > $at) AND";
  return searches.map(({ name, query, parameters, ranked }) => ({
    name,
    query: query.replace("WHERE", held),
    parameters: Object.assign({ at: textLiteral(at) }, parameters),
    ranked,
  }));
}

/** Compares the text by a scan, because the range index of FalkorDB 4.16 also returns episodes after the time. */
function recentEpisodes(before: string | undefined, groups: string): Search[] {
  if (before === undefined) return [];
  const query = `MATCH (e:Episodic) WHERE e.valid_at + "" <= $before AND e.group_id IN $group_ids RETURN e.uuid, 0 ORDER BY e.valid_at DESC, e.uuid ${limit}`;
  return [
    { name: "recent episodes", query, parameters: { before: textLiteral(before), group_ids: groups }, ranked: false },
  ];
}
