// How Graphiti stores one episode: a sequence of queries, W1 to W8, each atomic, with no transaction around them. A cut
// between two of them leaves a torn episode, which is what coordination has to prevent and a drill has to see.
import type { EpisodeMessage, MessageEntity } from "./episode-message.ts";
import type { Properties, Value } from "../model.ts";

export { type EpisodeMessage, randomMessage } from "./episode-message.ts";

type StatementParameter = Value | { readonly [key: string]: StatementParameter } | readonly StatementParameter[];

export interface WriteStatement {
  /** Which of Graphiti's writes it is: W1 the episode, W2 an entity, ..., W8 the saga's last episode. */
  readonly step: "W1" | "W2" | "W3" | "W4" | "W5" | "W6" | "W7" | "W8";
  readonly cypher: string;
  readonly parameters: Readonly<Record<string, StatementParameter>>;
  /** Sent only when no saga with this uuid is there; Graphiti looks it up first. */
  readonly unlessSaga?: string;
}

/** The statements of one episode in Graphiti's order. Each is a MERGE by uuid, so writing an episode twice is harmless. */
export function episodeWrites(message: EpisodeMessage): readonly WriteStatement[] {
  return [
    { step: "W1", cypher: saveEpisode, parameters: { episodes: [message.episode] } },
    ...message.entities.flatMap((entity) => entityWrites(entity, message.schema)),
    { step: "W3", cypher: saveMentions, parameters: { edges: mentionRows(message) } },
    factWrite([...message.facts, ...message.invalidated]),
    ...sagaWrites(message),
  ];
}

const saveEpisode = "UNWIND $episodes AS episode MERGE (n:Episodic {uuid: episode.uuid}) SET n = episode RETURN n.uuid";

/** One query per label before #1856, so that a cut can fall between an entity's labels; since then one per entity. */
function entityWrites({ type, properties }: MessageEntity, schema: EpisodeMessage["schema"]): WriteStatement[] {
  const labels = type === undefined ? ["Entity"] : ["Entity", checkedLabel(type)];
  const vector = "name_embedding" in properties ? " SET n.name_embedding = vecf32(node.name_embedding)" : "";
  const write = (label: string): WriteStatement => ({
    step: "W2",
    cypher: `UNWIND $nodes AS node MERGE (n:Entity {uuid: node.uuid}) SET n:${label} SET n = node${vector} RETURN n.uuid`,
    parameters: { nodes: [properties] },
  });
  return schema === "pre1856" ? labels.map(write) : [write(labels.join(":"))];
}

const saveMentions = `UNWIND $edges AS edge
MATCH (episode:Episodic {uuid: edge.source}) MATCH (node:Entity {uuid: edge.target})
MERGE (episode)-[e:MENTIONS {uuid: edge.properties.uuid}]->(node) SET e = edge.properties RETURN e.uuid`;

function mentionRows({ uuid, mentions }: EpisodeMessage): StatementParameter {
  return mentions.map(({ entity, properties }) => ({ source: uuid, target: entity, properties }));
}

/** New and invalidated facts in one query, so that neither is stored without the other. */
function factWrite(facts: readonly Properties[]): WriteStatement {
  const vector = facts.some((fact) => "fact_embedding" in fact)
    ? " SET e.fact_embedding = vecf32(edge.fact_embedding)"
    : "";
  return {
    step: "W4",
    cypher: `UNWIND $edges AS edge
MATCH (source:Entity {uuid: edge.source_node_uuid}) MATCH (target:Entity {uuid: edge.target_node_uuid})
MERGE (source)-[e:RELATES_TO {uuid: edge.uuid}]->(target) SET e = edge${vector} RETURN e.uuid`,
    parameters: { edges: facts },
  };
}

function sagaWrites({ uuid, groupId, saga }: EpisodeMessage): WriteStatement[] {
  if (saga === undefined) return [];
  const node = { uuid: saga.uuid, name: saga.name, group_id: groupId, created_at: saga.createdAt, summary: "" };
  const create: WriteStatement = {
    step: "W5",
    cypher: "MERGE (n:Saga {uuid: $saga.uuid}) SET n += $saga RETURN n.uuid",
    parameters: { saga: node },
    unlessSaga: saga.uuid,
  };
  const next = saga.previous && edgeWrite("W6", nextEpisode, saga.previous.episode, uuid, saga.previous.properties);
  const has = edgeWrite("W7", hasEpisode, saga.uuid, uuid, saga.hasEpisode);
  const save: WriteStatement = {
    step: "W8",
    cypher: `MERGE (n:Saga {uuid: $saga.uuid}) SET n += $saga
SET n.first_episode_uuid = coalesce(n.first_episode_uuid, $episode), n.last_episode_uuid = $episode RETURN n.uuid`,
    parameters: { saga: node, episode: uuid },
  };
  return [create, ...(next === undefined ? [] : [next]), has, save];
}

const nextEpisode = edgeQuery("Episodic", "NEXT_EPISODE");
const hasEpisode = edgeQuery("Saga", "HAS_EPISODE");

function edgeQuery(source: string, type: string): string {
  return `MATCH (source:${source} {uuid: $source}) MATCH (target:Episodic {uuid: $target})
MERGE (source)-[e:${type} {uuid: $properties.uuid}]->(target) SET e = $properties RETURN e.uuid`;
}

function edgeWrite(
  step: WriteStatement["step"],
  cypher: string,
  source: string,
  target: string,
  properties: Properties,
): WriteStatement {
  return { step, cypher, parameters: { source, target, properties } };
}

/** A label is part of the query text; Graphiti allows these characters only. */
function checkedLabel(label: string): string {
  if (!/^[A-Za-z_]\w{0,99}$/.test(label)) throw new Error(`"${label}" is not a label`);
  return label;
}
