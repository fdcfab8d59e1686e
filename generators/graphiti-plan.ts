// One clean Graphiti graph as a plan: every node and edge is made on demand from (seed, graph, position).
import { Block } from "./block.ts";
import { entityTypes, graphitiIndexes } from "./graphiti-schema.ts";
import {
  blockOf,
  entityOfType,
  type Layout,
  layoutFor,
  memberStart,
  rankOfEntity,
  share,
  typedAmong,
  typeOf,
  typesOf,
} from "./layout.ts";
import type { EdgeRecord, GraphCounts, GraphPlan, IndexSpec, NodeRecord } from "./model.ts";
import type { Profile } from "./profile.ts";
import { Records } from "./records.ts";

export interface GraphitiPlanOptions {
  readonly seed: number;
  readonly name: string;
  readonly nodes: number;
  readonly profile: Profile;
  readonly dims: number;
  readonly schema: "pre1856" | "post1856";
}

const typeLabels: readonly (readonly string[])[] = [["Entity"], ...entityTypes.map((type) => ["Entity", type])];

export class GraphitiPlan implements GraphPlan {
  readonly name: string;
  readonly groupId: string;
  readonly indexes: readonly IndexSpec[] = graphitiIndexes;
  readonly afterLoad: readonly string[] = [];
  readonly counts: GraphCounts;
  readonly layout: Layout;
  readonly #options: GraphitiPlanOptions;
  readonly #records: Records;
  readonly #lookup: Block;

  constructor(options: GraphitiPlanOptions) {
    this.#options = options;
    this.name = options.name;
    this.groupId = options.name;
    this.layout = layoutFor(options.nodes, options.profile);
    this.#records = new Records(options, this.layout);
    this.#lookup = this.#block();
    this.counts = this.#count();
  }

  *nodes(): Generator<NodeRecord> {
    const { layout } = this;
    const block = this.#block();
    for (let id = 0; id < layout.episodes; id++) yield this.#episode(id, block);
    let id = layout.episodes;
    for (let type = 0; type < typesOf(layout); type++) {
      const count = typedAmong(layout, type, layout.entities);
      for (let n = 0; n < count; n++) yield this.#entity(id++, entityOfType(layout, type, n), block);
    }
    for (let n = 0; n < layout.communities; n++) yield this.#community(id++, n);
    for (let n = 0; n < layout.sagas; n++) yield this.#saga(id++, n);
  }

  *edges(): Generator<EdgeRecord> {
    const { layout } = this;
    const block = this.#block();
    for (let b = 0; b < layout.blocks; b++) yield* this.#mentions(block.build(b, "all"));
    for (let b = 0; b < layout.blocks; b++) yield* this.#facts(block.build(b, "all"));
    for (let c = 0; c < layout.communities; c++) yield* this.#members(c);
    for (let s = 0; s < layout.sagas; s++) yield* this.#sagaEpisodes(s, "HAS_EPISODE");
    for (let s = 0; s < layout.sagas; s++) yield* this.#sagaEpisodes(s, "NEXT_EPISODE");
  }

  node(id: number): NodeRecord {
    const { layout } = this;
    if (!Number.isInteger(id) || id < 0 || id >= this.counts.nodes)
      throw new RangeError(`graph "${this.name}" has nodes 0 to ${this.counts.nodes - 1}, not ${id}`);
    if (id < layout.episodes) return this.#episode(id, this.#lookup);
    let rest = id - layout.episodes;
    for (let type = 0; type < typesOf(layout); type++) {
      const count = typedAmong(layout, type, layout.entities);
      if (rest < count) return this.#entity(id, entityOfType(layout, type, rest), this.#lookup);
      rest -= count;
    }
    return rest < layout.communities ? this.#community(id, rest) : this.#saga(id, rest - layout.communities);
  }

  /** The internal id of the k-th entity in time. */
  entityId(entity: number): number {
    const { layout } = this;
    const type = typeOf(layout, entity);
    let start = layout.episodes;
    for (let t = 0; t < type; t++) start += typedAmong(layout, t, layout.entities);
    return start + rankOfEntity(layout, entity);
  }

  #block(): Block {
    const { seed, name, profile } = this.#options;
    const beginning = (fact: number, episode: number): number | undefined => this.#records.factBeganUs(fact, episode);
    return new Block(seed, name, this.layout, profile, beginning);
  }

  /** Closed form, but for the first block: its first episodes may find nobody to mention yet. */
  #count(): GraphCounts {
    const { episodes, entities, extraMentions, facts, communities, members, sagas, sagaEpisodes, blocks } = this.layout;
    const first = episodes === 0 ? undefined : this.#lookup.build(0, "all");
    const mentioned = first?.mentions.reduce((sum, list) => sum + list.length, 0) ?? 0;
    const mentions =
      mentioned + entities + extraMentions - share(entities, 1, blocks) - share(extraMentions, 1, blocks);
    const relations = (first?.factEpisode.length ?? 0) + facts - share(facts, 1, blocks);
    return {
      nodes: episodes + entities + communities + sagas,
      edges: mentions + relations + members + sagas * (2 * sagaEpisodes - 1),
    };
  }

  #episode(id: number, block: Block): NodeRecord {
    const { episodes, blocks } = this.layout;
    block.build(blockOf(id, episodes, blocks), "all");
    return { id, labels: ["Episodic"], properties: this.#records.episode(id, block) };
  }

  #entity(id: number, entity: number, block: Block): NodeRecord {
    const { entities, blocks } = this.layout;
    block.build(blockOf(entity, entities, blocks), "newcomers");
    const type = typeOf(this.layout, entity);
    const episode = block.firstEpisode + (block.entityEpisode[entity - block.firstEntity] as number);
    return {
      id,
      labels: typeLabels[type] as readonly string[],
      properties: this.#records.entity(entity, type, episode),
    };
  }

  #community(id: number, n: number): NodeRecord {
    return { id, labels: ["Community"], properties: this.#records.community(n) };
  }

  #saga(id: number, n: number): NodeRecord {
    return { id, labels: ["Saga"], properties: this.#records.saga(n, this.#sagaStart(n)) };
  }

  #sagaStart(saga: number): number {
    return share(this.layout.episodes, saga * this.layout.sagaEvery, this.layout.blocks);
  }

  *#mentions(block: Block): Generator<EdgeRecord> {
    for (const [place, entities] of block.mentions.entries()) {
      const source = block.firstEpisode + place;
      for (const entity of entities) {
        const properties = this.#records.mention(source, entity);
        yield { type: "MENTIONS", source, target: this.entityId(entity), properties };
      }
    }
  }

  *#facts(block: Block): Generator<EdgeRecord> {
    for (let f = 0; f < block.factEpisode.length; f++) {
      const source = this.entityId(block.factSource[f] as number);
      const target = this.entityId(block.factTarget[f] as number);
      yield { type: "RELATES_TO", source, target, properties: this.#records.fact(f, block) };
    }
  }

  *#members(community: number): Generator<EdgeRecord> {
    const { episodes, entities } = this.layout;
    const source = episodes + entities + community;
    for (let entity = memberStart(community); entity < memberStart(community + 1); entity++) {
      const properties = this.#records.member(entity);
      yield { type: "HAS_MEMBER", source, target: this.entityId(entity), properties };
    }
  }

  *#sagaEpisodes(saga: number, type: "HAS_EPISODE" | "NEXT_EPISODE"): Generator<EdgeRecord> {
    const { episodes, entities, communities, sagaEpisodes } = this.layout;
    const first = this.#sagaStart(saga);
    for (let target = first + (type === "HAS_EPISODE" ? 0 : 1); target < first + sagaEpisodes; target++) {
      const source = type === "HAS_EPISODE" ? episodes + entities + communities + saga : target - 1;
      yield { type, source, target, properties: this.#records.sagaEpisode(type, target) };
    }
  }
}
