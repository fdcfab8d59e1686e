// The content that a set of writes leaves, as plans like the generator's, one per graph, so that the same checks judge
// it. Nodes are recomputed on demand from (seed, writer, sequence); only the writes and their offsets are kept.
import { type EpisodeMessage, messagesPerSaga, uuidOf } from "../../../generators/writes/episode-message.ts";
import { graphitiIndexes } from "../../../generators/schema/graphiti-schema.ts";
import type {
  EdgeRecord,
  GraphCounts,
  GraphPlan,
  IndexSpec,
  NodeRecord,
  Properties,
} from "../../../generators/model.ts";
import { episodeOf, type MessageSource, type WriteRef } from "./expected-writes.ts";

/** Writes of which only a part is present. */
export interface TornContent {
  readonly writes: readonly WriteRef[];
  /** Uuids of everything present. */
  readonly present: ReadonlySet<string>;
  /** Entities that have only the first of their labels. */
  readonly halfLabelled: ReadonlySet<string>;
}

export interface WrittenPlan extends GraphPlan {
  /** How often torn writes break an invariant of Graphiti, given the order of their queries. */
  readonly brokenInvariants: Readonly<Record<string, number>>;
}

const nothingTorn: TornContent = { writes: [], present: new Set(), halfLabelled: new Set() };

/** Graphs that hold exactly these complete writes, the torn ones as far as they are present, and nothing else. */
export function expectedGraphs(
  writes: readonly WriteRef[],
  source: MessageSource,
  torn: TornContent = nothingTorn,
): WrittenPlan[] {
  const byGraph = Map.groupBy([...writes, ...torn.writes], ({ graph }) => graph);
  return [...byGraph].map(([graph, its]) => new WrittenGraph(graph, its, source, torn));
}

/** First and last episode named by the saga, among the complete writes. */
interface Saga {
  readonly id: number;
  readonly any: number;
  first: number | undefined;
  last: number | undefined;
}

const key = (writer: string, position: number): string => `${writer}/${position}`;

class WrittenGraph implements WrittenPlan {
  readonly name: string;
  readonly groupId: string;
  readonly indexes: readonly IndexSpec[] = graphitiIndexes;
  readonly afterLoad: readonly string[] = [];
  readonly counts: GraphCounts;
  readonly #source: MessageSource;
  readonly #torn: TornContent;
  readonly #isTorn: ReadonlySet<WriteRef>;
  readonly #writes: readonly WriteRef[];
  /** Id of the episode of each write; its entities follow. */
  readonly #episodeIds: number[] = [];
  readonly #indexOf = new Map<string, number>();
  readonly #hubs = new Map<string, { readonly id: number; readonly write: number }>();
  readonly #sagas = new Map<string, Saga>();

  constructor(name: string, writes: readonly WriteRef[], source: MessageSource, torn: TornContent) {
    this.name = name;
    this.groupId = name;
    this.#source = source;
    this.#torn = torn;
    this.#isTorn = new Set(torn.writes);
    this.#writes = writes.toSorted((a, b) => compare(a.writer, b.writer) || a.sequence - b.sequence);
    for (const [index, write] of this.#writes.entries()) this.#indexOf.set(key(write.writer, write.sequence), index);
    this.counts = this.#layOut();
  }

  *nodes(): Generator<NodeRecord> {
    for (const [index, write] of this.#writes.entries()) {
      yield* this.#nodesOf(index, episodeOf(write, this.#source));
    }
    for (const hub of this.#hubs.values()) yield this.#hub(hub);
    for (const saga of this.#sagas.values()) yield this.#saga(saga);
  }

  *edges(): Generator<EdgeRecord> {
    for (const [index, write] of this.#writes.entries()) yield* this.#edgesOf(index, write);
  }

  get brokenInvariants(): Readonly<Record<string, number>> {
    const { present, halfLabelled } = this.#torn;
    const broken = { saga: 0, H8: 0 };
    for (const write of this.#writes.filter((candidate) => this.#isTorn.has(candidate))) {
      const { saga, entities } = episodeOf(write, { ...this.#source, dims: 0 });
      // Linked to the preceding episode, and not yet in its saga.
      const isLinked = saga?.previous !== undefined && present.has(uuidOf(saga.previous.properties));
      if (isLinked && !present.has(uuidOf(saga.hasEpisode))) broken.saga += 1;
      broken.H8 += entities.filter(({ properties }) => halfLabelled.has(uuidOf(properties))).length;
    }
    return broken;
  }

  node(id: number): NodeRecord {
    const hub = [...this.#hubs.values()].find((candidate) => candidate.id === id);
    if (hub !== undefined) return this.#hub(hub);
    const saga = [...this.#sagas.values()].find((candidate) => candidate.id === id);
    if (saga !== undefined) return this.#saga(saga);
    const index = lastAtMost(this.#episodeIds, id);
    const write = this.#writes[index];
    const found = write && this.#nodesOf(index, episodeOf(write, this.#source)).find((node) => node.id === id);
    if (found === undefined)
      throw new RangeError(`graph "${this.name}" has nodes 0 to ${this.counts.nodes - 1}, not ${id}`);
    return found;
  }

  #layOut(): GraphCounts {
    let nodes = 0;
    const withoutVectors = { ...this.#source, dims: 0 };
    for (const [index, write] of this.#writes.entries()) {
      this.#episodeIds.push(nodes);
      nodes += this.#nodesOf(index, episodeOf(write, withoutVectors)).length;
    }
    for (const [index, write] of this.#writes.entries()) {
      if (this.#hubs.has(write.writer)) continue;
      const [hub] = episodeOf(write, withoutVectors).entities;
      if (this.#isThere(write, uuidOf(hub?.properties ?? {})))
        this.#hubs.set(write.writer, { id: nodes++, write: index });
    }
    for (const [index, write] of this.#writes.entries()) nodes = this.#layOutSaga(index, write, nodes);
    let edges = 0;
    for (const [index, write] of this.#writes.entries()) edges += this.#edgeCount(index, write, withoutVectors);
    return { nodes, edges };
  }

  #edgeCount(index: number, write: WriteRef, source: MessageSource): number {
    if (this.#isTorn.has(write)) return this.#edgesOf(index, write).toArray().length;
    const { mentions, facts } = episodeOf(write, source);
    return mentions.length + facts.length + 1 + (this.#previous(write) === undefined ? 0 : 1);
  }

  #layOutSaga(index: number, write: WriteRef, nodes: number): number {
    const sagaKey = key(write.writer, Math.floor(write.sequence / messagesPerSaga));
    const known = this.#sagas.get(sagaKey);
    const isTorn = this.#isTorn.has(write);
    // A torn episode may have created its saga but is never named by it: that is the last query of an episode.
    if (known === undefined) {
      const uuid = episodeOf(write, { ...this.#source, dims: 0 }).saga?.uuid ?? "";
      if (!this.#isThere(write, uuid)) return nodes;
      const named = isTorn ? undefined : index;
      this.#sagas.set(sagaKey, { id: nodes, any: index, first: named, last: named });
      return nodes + 1;
    }
    if (isTorn) return nodes;
    known.first ??= index;
    known.last = index;
    return nodes;
  }

  /** Whether this part of the write is present; a complete write has all of them. */
  #isThere(write: WriteRef | undefined, uuid: string): boolean {
    return write === undefined || !this.#isTorn.has(write) || this.#torn.present.has(uuid);
  }

  #nodesOf(index: number, { episode, entities }: EpisodeMessage): NodeRecord[] {
    const id = this.#episodeIds[index] ?? 0;
    const write = this.#writes[index];
    const fresh = entities
      .slice(1)
      .map(({ type, properties }) => ({ labels: this.#labelsOf(type, properties), properties }));
    return [{ labels: ["Episodic"], properties: episode }, ...fresh]
      .filter(({ properties }) => this.#isThere(write, uuidOf(properties)))
      .map(({ labels, properties }, n) => ({ id: id + n, labels, properties }));
  }

  #labelsOf(type: string | undefined, properties: Properties): readonly string[] {
    const isHalf = type === undefined || this.#torn.halfLabelled.has(uuidOf(properties));
    return isHalf ? ["Entity"] : ["Entity", type];
  }

  #hub({ id, write }: { readonly id: number; readonly write: number }): NodeRecord {
    const [hub] = this.#message(write).entities;
    const properties = hub?.properties ?? {};
    return { id, labels: this.#labelsOf(hub?.type, properties), properties };
  }

  #saga({ id, any, first, last }: Saga): NodeRecord {
    const { groupId, saga } = this.#message(any);
    const properties: Properties = {
      uuid: saga?.uuid ?? "",
      name: saga?.name ?? "",
      group_id: groupId,
      created_at: saga?.createdAt ?? "",
      summary: "",
      ...(first === undefined ? {} : { first_episode_uuid: this.#message(first).uuid }),
      ...(last === undefined ? {} : { last_episode_uuid: this.#message(last).uuid }),
    };
    return { id, labels: ["Saga"], properties };
  }

  *#edgesOf(index: number, write: WriteRef): Generator<EdgeRecord> {
    for (const edge of this.#allEdgesOf(index, write)) if (this.#isThere(write, uuidOf(edge.properties))) yield edge;
  }

  *#allEdgesOf(index: number, write: WriteRef): Generator<EdgeRecord> {
    const { mentions, facts, saga } = this.#message(index);
    const episode = this.#episodeIds[index] ?? 0;
    const hub = this.#hubs.get(write.writer)?.id ?? 0;
    // By position among the mentions: the hub first, then the new entities in id order.
    const ids = new Map(mentions.map(({ entity }, n) => [entity, n === 0 ? hub : episode + n]));
    const idOf = (uuid: unknown): number => ids.get(String(uuid)) ?? 0;
    for (const { entity, properties } of mentions)
      yield { type: "MENTIONS", source: episode, target: idOf(entity), properties };
    const ended = this.#endedBy(write);
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

  /** Index of the preceding write in the same saga, if stored; otherwise the link to it has no start node. */
  #previous({ writer, sequence }: WriteRef): number | undefined {
    return sequence % messagesPerSaga === 0 ? undefined : this.#indexOf.get(key(writer, sequence - 1));
  }

  /** Facts of this write that the next one of the same saga has invalidated, in one query with its own new facts. */
  #endedBy({ writer, sequence }: WriteRef): readonly Properties[] {
    const index = this.#indexOf.get(key(writer, sequence + 1));
    if (index === undefined) return [];
    const { facts, invalidated } = this.#message(index);
    const [fact] = facts;
    return fact === undefined || this.#isThere(this.#writes[index], uuidOf(fact)) ? invalidated : [];
  }

  #message(index: number): EpisodeMessage {
    const write = this.#writes[index];
    if (write === undefined) throw new RangeError(`graph "${this.name}" has no write ${index}`);
    return episodeOf(write, this.#source);
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

/** Index of the last of the ascending numbers that is not above `limit`. */
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
