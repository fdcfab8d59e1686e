// One clean Graphiti graph as a plan: every node and edge is made on demand from (seed, graph, position), either as an
// object or straight into a writer of the caller.
import { Block } from "../layout/block.ts";
import { type EdgeType, graphitiIndexes } from "../schema/graphiti-schema.ts";
import {
  blockOf,
  chunkEntities,
  type Layout,
  layoutFor,
  memberStart,
  placeOfType,
  rankInChunk,
  share,
  typedAmong,
  typeOf,
  typesOf,
} from "../layout/layout.ts";
import type { EdgeRecord, GraphCounts, GraphPlan, IndexSpec, NodeRecord, PlanSource } from "../model.ts";
import { ObjectWriter } from "../records/object-writer.ts";
import type { Profile } from "../profile.ts";
import { EdgeRecords } from "../records/edge-records.ts";
import { NodeRecords } from "../records/node-records.ts";
import { RecordContext } from "../records/record-context.ts";
import type { RecordWriter } from "../records/record-writer.ts";

export interface GraphitiPlanOptions {
  readonly seed: number;
  readonly name: string;
  readonly nodes: number;
  readonly profile: Profile;
  readonly dims: number;
  readonly schema: "pre1856" | "post1856";
  readonly source?: PlanSource;
}

export class GraphitiPlan implements GraphPlan {
  readonly name: string;
  readonly groupId: string;
  readonly indexes: readonly IndexSpec[] = graphitiIndexes;
  readonly afterLoad: readonly string[] = [];
  readonly source: PlanSource | undefined;
  readonly counts: GraphCounts;
  readonly edgeCounts: Readonly<Record<EdgeType, number>>;
  readonly layout: Layout;
  readonly #options: GraphitiPlanOptions;
  readonly #context: RecordContext;
  readonly #nodes: NodeRecords;
  readonly #edges: EdgeRecords;
  /** Block for single look-ups; walks have their own, because they may run interleaved. */
  readonly #lookup: Block;

  constructor(options: GraphitiPlanOptions) {
    this.#options = options;
    this.name = options.name;
    this.groupId = options.name;
    this.source = options.source;
    this.layout = layoutFor(options.nodes, options.profile);
    this.#context = new RecordContext(options, this.layout);
    this.#nodes = new NodeRecords(this.#context);
    this.#edges = new EdgeRecords(this.#context);
    this.#lookup = this.#block();
    this.edgeCounts = this.#countEdges();
    const { episodes, entities, communities, sagas } = this.layout;
    const edges = Object.values(this.edgeCounts).reduce((sum, count) => sum + count, 0);
    this.counts = { nodes: episodes + entities + communities + sagas, edges };
  }

  *nodes(): Generator<NodeRecord> {
    const writer = new ObjectWriter();
    for (const _ of this.writeNodes(writer)) yield writer.takeNode();
  }

  *edges(): Generator<EdgeRecord> {
    const writer = new ObjectWriter();
    for (const _ of this.writeEdges(writer)) yield writer.takeEdge();
  }

  node(id: number): NodeRecord {
    const { episodes, entities, communities, blocks } = this.layout;
    if (!Number.isInteger(id) || id < 0 || id >= this.counts.nodes)
      throw new RangeError(`graph "${this.name}" has nodes 0 to ${this.counts.nodes - 1}, not ${id}`);
    const writer = new ObjectWriter();
    const n = id - episodes;
    if (n < 0) this.#nodes.episode(writer, id, id, this.#lookup.build(blockOf(id, episodes, blocks), "all"));
    else if (n < entities) this.#entity(writer, id, this.#entityAt(n), this.#lookup);
    else if (n < entities + communities) this.#nodes.community(writer, id, n - entities);
    else this.#saga(writer, id, n - entities - communities);
    return writer.takeNode();
  }

  /** Describes every node to the writer, one at a time: a step of the iteration is a node. */
  *writeNodes(writer: RecordWriter): Generator<undefined> {
    const { episodes, entities, communities, sagas, blocks } = this.layout;
    const block = this.#block();
    for (let b = 0; b < blocks; b++) {
      const { firstEpisode, episodes: count } = block.build(b, "all");
      for (let id = firstEpisode; id < firstEpisode + count; id++) {
        this.#nodes.episode(writer, id, id, block);
        yield;
      }
    }
    yield* this.#writeEntities(writer, block);
    for (let n = 0; n < communities; n++) {
      this.#nodes.community(writer, episodes + entities + n, n);
      yield;
    }
    for (let n = 0; n < sagas; n++) {
      this.#saga(writer, episodes + entities + communities + n, n);
      yield;
    }
  }

  /** The same for the edges. */
  *writeEdges(writer: RecordWriter): Generator<undefined> {
    const { communities, sagas, blocks } = this.layout;
    const block = this.#block();
    // One type after the other: the engine pays for every change of type, whatever the number of edges.
    for (let b = 0; b < blocks; b++) yield* this.#writeMentions(writer, block.build(b, "mentions"));
    for (let b = 0; b < blocks; b++) {
      block.build(b, "all");
      for (let f = 0; f < block.factEpisode.length; f++) {
        const source = this.entityId(block.factSource[f] as number);
        const target = this.entityId(block.factTarget[f] as number);
        this.#edges.fact(writer, source, target, f, block);
        yield;
      }
    }
    for (let c = 0; c < communities; c++) yield* this.#writeMembers(writer, c);
    for (let s = 0; s < sagas; s++) yield* this.#writeSaga(writer, s, "HAS_EPISODE");
    for (let s = 0; s < sagas; s++) yield* this.#writeSaga(writer, s, "NEXT_EPISODE");
  }

  /** The internal id of the k-th entity in time. */
  entityId(entity: number): number {
    return this.layout.episodes + entity - (entity % chunkEntities) + rankInChunk(this.layout, entity);
  }

  /** The reverse: the entity that is stored at place n. */
  #entityAt(n: number): number {
    const { layout } = this;
    const chunk = n - (n % chunkEntities);
    const size = Math.min(chunkEntities, layout.entities - chunk);
    let rest = n - chunk;
    let type = 0;
    for (let count = typedAmong(layout, 0, size); rest >= count; count = typedAmong(layout, type, size)) {
      rest -= count;
      type++;
    }
    return chunk + placeOfType(layout, type, rest);
  }

  #block(): Block {
    const { seed, name, profile } = this.#options;
    return new Block(seed, name, this.layout, profile, (fact, episode) => this.#context.factBeganUs(fact, episode));
  }

  /** Closed form, but for the first block: its first episodes may have no entity to mention yet. */
  #countEdges(): Record<EdgeType, number> {
    const { episodes, entities, extraMentions, facts, members, sagas, sagaEpisodes, blocks } = this.layout;
    const first = episodes === 0 ? undefined : this.#lookup.build(0, "all");
    const mentioned = first?.mentions.reduce((sum, list) => sum + list.length, 0) ?? 0;
    return {
      MENTIONS: mentioned + entities + extraMentions - share(entities, 1, blocks) - share(extraMentions, 1, blocks),
      RELATES_TO: (first?.factEpisode.length ?? 0) + facts - share(facts, 1, blocks),
      HAS_MEMBER: members,
      HAS_EPISODE: sagas * sagaEpisodes,
      NEXT_EPISODE: sagas * Math.max(0, sagaEpisodes - 1),
    };
  }

  *#writeEntities(writer: RecordWriter, block: Block): Generator<undefined> {
    const { layout } = this;
    const { episodes, entities, blocks } = layout;
    const origin = new Float64Array(chunkEntities);
    let id = episodes;
    for (let chunk = 0; chunk < entities; chunk += chunkEntities) {
      const size = Math.min(chunkEntities, entities - chunk);
      // One pass over the blocks of the chunk, instead of one for each type.
      for (let b = blockOf(chunk, entities, blocks); b <= blockOf(chunk + size - 1, entities, blocks); b++) {
        const { firstEntity, firstEpisode, entityEpisode } = block.build(b, "newcomers");
        for (let k = 0; k < entityEpisode.length; k++) {
          const place = firstEntity + k - chunk;
          if (place >= 0 && place < size) origin[place] = firstEpisode + (entityEpisode[k] as number);
        }
      }
      for (let type = 0; type < typesOf(layout); type++) {
        const count = typedAmong(layout, type, size);
        for (let n = 0; n < count; n++) {
          const place = placeOfType(layout, type, n);
          this.#nodes.entity(writer, id++, chunk + place, type, origin[place] as number);
          yield;
        }
      }
    }
  }

  #entity(writer: RecordWriter, id: number, entity: number, block: Block): void {
    const { entities, blocks } = this.layout;
    block.build(blockOf(entity, entities, blocks), "newcomers");
    const episode = block.firstEpisode + (block.entityEpisode[entity - block.firstEntity] as number);
    this.#nodes.entity(writer, id, entity, typeOf(this.layout, entity), episode);
  }

  #saga(writer: RecordWriter, id: number, n: number): void {
    this.#nodes.saga(writer, id, n, this.sagaStart(n));
  }

  /** The first episode of a saga. */
  sagaStart(saga: number): number {
    return share(this.layout.episodes, saga * this.layout.sagaEvery, this.layout.blocks);
  }

  *#writeMentions(writer: RecordWriter, block: Block): Generator<undefined> {
    for (let place = 0; place < block.episodes; place++) {
      const mentioned = block.mentions[place] as number[];
      for (let i = 0; i < mentioned.length; i++) {
        const entity = mentioned[i] as number;
        this.#edges.mention(writer, block.firstEpisode + place, this.entityId(entity), entity);
        yield;
      }
    }
  }

  *#writeMembers(writer: RecordWriter, community: number): Generator<undefined> {
    const source = this.layout.episodes + this.layout.entities + community;
    for (let entity = memberStart(community); entity < memberStart(community + 1); entity++) {
      this.#edges.member(writer, source, this.entityId(entity), entity);
      yield;
    }
  }

  *#writeSaga(writer: RecordWriter, saga: number, type: "HAS_EPISODE" | "NEXT_EPISODE"): Generator<undefined> {
    const { episodes, entities, communities, sagaEpisodes } = this.layout;
    const first = this.sagaStart(saga);
    for (let n = type === "HAS_EPISODE" ? 0 : 1; n < sagaEpisodes; n++) {
      if (type === "NEXT_EPISODE") this.#edges.nextEpisode(writer, first + n);
      else this.#edges.hasEpisode(writer, episodes + entities + communities + saga, first + n);
      yield;
    }
  }
}
