// The content that a set of writes leaves, as plans like the generator's, one a graph, so that the same checks judge it.
// Nodes are made again on demand from (seed, writer, sequence); kept are only the writes and their offsets.
import { type EpisodeMessage, messagesPerSaga } from "../../generators/episode-message.ts";
import { graphitiIndexes } from "../../generators/graphiti-schema.ts";
import type { EdgeRecord, GraphCounts, GraphPlan, IndexSpec, NodeRecord, Properties } from "../../generators/model.ts";
import { messageOf, type MessageSource, type WriteRef } from "./expected-writes.ts";

/** The graphs that hold exactly these writes, whole, and nothing else. */
export function expectedGraphs(writes: readonly WriteRef[], source: MessageSource): GraphPlan[] {
  const byGraph = Map.groupBy(writes, ({ graph }) => graph);
  return [...byGraph].map(([graph, its]) => new WrittenGraph(graph, its, source));
}

interface Saga {
  readonly id: number;
  readonly first: number;
  last: number;
}

const key = (writer: string, position: number): string => `${writer}/${position}`;

class WrittenGraph implements GraphPlan {
  readonly name: string;
  readonly groupId: string;
  readonly indexes: readonly IndexSpec[] = graphitiIndexes;
  readonly afterLoad: readonly string[] = [];
  readonly counts: GraphCounts;
  readonly #source: MessageSource;
  readonly #writes: readonly WriteRef[];
  /** Id of the episode of each write; its entities follow. */
  readonly #episodeIds: number[] = [];
  readonly #indexOf = new Map<string, number>();
  readonly #hubs = new Map<string, { readonly id: number; readonly write: number }>();
  readonly #sagas = new Map<string, Saga>();

  constructor(name: string, writes: readonly WriteRef[], source: MessageSource) {
    this.name = name;
    this.groupId = name;
    this.#source = source;
    this.#writes = writes.toSorted((a, b) => compare(a.writer, b.writer) || a.sequence - b.sequence);
    for (const [index, write] of this.#writes.entries()) this.#indexOf.set(key(write.writer, write.sequence), index);
    this.counts = this.#layOut();
  }

  *nodes(): Generator<NodeRecord> {
    for (const [index, write] of this.#writes.entries()) {
      yield* this.#nodesOf(index, messageOf(write, this.#source));
    }
    for (const hub of this.#hubs.values()) yield this.#hub(hub);
    for (const saga of this.#sagas.values()) yield this.#saga(saga);
  }

  *edges(): Generator<EdgeRecord> {
    for (const [index, write] of this.#writes.entries()) yield* this.#edgesOf(index, write);
  }

  node(id: number): NodeRecord {
    const hub = [...this.#hubs.values()].find((candidate) => candidate.id === id);
    if (hub !== undefined) return this.#hub(hub);
    const saga = [...this.#sagas.values()].find((candidate) => candidate.id === id);
    if (saga !== undefined) return this.#saga(saga);
    const index = lastAtMost(this.#episodeIds, id);
    const write = this.#writes[index];
    const found = write && this.#nodesOf(index, messageOf(write, this.#source)).find((node) => node.id === id);
    if (found === undefined)
      throw new RangeError(`graph "${this.name}" has nodes 0 to ${this.counts.nodes - 1}, not ${id}`);
    return found;
  }

  #layOut(): GraphCounts {
    let nodes = 0;
    let edges = 0;
    const withoutVectors = { ...this.#source, dims: 0 };
    for (const write of this.#writes) {
      const { entities, mentions, facts } = messageOf(write, withoutVectors);
      this.#episodeIds.push(nodes);
      nodes += entities.length; // the episode, and the entities without the hub
      edges += mentions.length + facts.length + 1 + (this.#previous(write) === undefined ? 0 : 1);
    }
    for (const [index, { writer }] of this.#writes.entries()) {
      if (!this.#hubs.has(writer)) this.#hubs.set(writer, { id: nodes++, write: index });
    }
    for (const [index, write] of this.#writes.entries()) {
      const sagaKey = key(write.writer, Math.floor(write.sequence / messagesPerSaga));
      const saga = this.#sagas.get(sagaKey);
      if (saga === undefined) this.#sagas.set(sagaKey, { id: nodes++, first: index, last: index });
      else saga.last = index;
    }
    return { nodes, edges };
  }

  #nodesOf(index: number, { episode, entities }: EpisodeMessage): NodeRecord[] {
    const id = this.#episodeIds[index] ?? 0;
    return [
      { id, labels: ["Episodic"], properties: episode },
      ...entities.slice(1).map(({ type, properties }, n) => ({ id: id + 1 + n, labels: labelsOf(type), properties })),
    ];
  }

  #hub({ id, write }: { readonly id: number; readonly write: number }): NodeRecord {
    const [hub] = this.#message(write).entities;
    return { id, labels: labelsOf(hub?.type), properties: hub?.properties ?? {} };
  }

  #saga({ id, first, last }: Saga): NodeRecord {
    const { uuid, groupId, saga } = this.#message(first);
    const properties: Properties = {
      uuid: saga?.uuid ?? "",
      name: saga?.name ?? "",
      group_id: groupId,
      created_at: saga?.createdAt ?? "",
      summary: "",
      first_episode_uuid: uuid,
      last_episode_uuid: this.#message(last).uuid,
    };
    return { id, labels: ["Saga"], properties };
  }

  *#edgesOf(index: number, write: WriteRef): Generator<EdgeRecord> {
    const { mentions, facts, saga } = this.#message(index);
    const episode = this.#episodeIds[index] ?? 0;
    const hub = this.#hubs.get(write.writer)?.id ?? 0;
    // By their place among the mentions: the hub first, then the new entities in the order of their ids.
    const ids = new Map(mentions.map(({ entity }, n) => [entity, n === 0 ? hub : episode + n]));
    const idOf = (uuid: unknown): number => ids.get(String(uuid)) ?? 0;
    for (const { entity, properties } of mentions)
      yield { type: "MENTIONS", source: episode, target: idOf(entity), properties };
    // The next write of the same saga, when it is stored, has invalidated the first fact of this one.
    const ended = this.#next(write)?.invalidated ?? [];
    for (const fact of facts) {
      const properties = ended.find(({ uuid }) => uuid === fact["uuid"]) ?? fact;
      yield {
        type: "RELATES_TO",
        source: idOf(fact["source_node_uuid"]),
        target: idOf(fact["target_node_uuid"]),
        properties,
      };
    }
    if (saga === undefined) return;
    const sagaId = this.#sagas.get(key(write.writer, Math.floor(write.sequence / messagesPerSaga)))?.id ?? 0;
    yield { type: "HAS_EPISODE", source: sagaId, target: episode, properties: saga.hasEpisode };
    const previous = this.#previous(write);
    if (previous !== undefined && saga.previous !== undefined) {
      const source = this.#episodeIds[previous] ?? 0;
      yield { type: "NEXT_EPISODE", source, target: episode, properties: saga.previous.properties };
    }
  }

  /** Index of the write before in the same saga, when it is stored; else the link to it finds nothing to start from. */
  #previous({ writer, sequence }: WriteRef): number | undefined {
    return sequence % messagesPerSaga === 0 ? undefined : this.#indexOf.get(key(writer, sequence - 1));
  }

  #next({ writer, sequence }: WriteRef): EpisodeMessage | undefined {
    const index = this.#indexOf.get(key(writer, sequence + 1));
    return index === undefined ? undefined : this.#message(index);
  }

  #message(index: number): EpisodeMessage {
    const write = this.#writes[index];
    if (write === undefined) throw new RangeError(`graph "${this.name}" has no write ${index}`);
    return messageOf(write, this.#source);
  }
}

function labelsOf(type: string | undefined): readonly string[] {
  return type === undefined ? ["Entity"] : ["Entity", type];
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

/** Index of the last number that is not above `limit`, in ascending numbers. */
function lastAtMost(ascending: readonly number[], limit: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ascending[middle] ?? 0) <= limit) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
