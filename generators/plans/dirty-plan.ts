// Legal but ugly: what real Graphiti graphs hold through old versions, other tools, deletions and known bugs (S1 to S13
// in the facts about Graphiti). A clean plan with some of its records changed and some added; nothing here is damage, so
// a check that calls any of it damage is wrong.
import type { GraphitiPlan } from "./graphiti-plan.ts";
import {
  Double,
  type EdgeRecord,
  type GraphCounts,
  type GraphPlan,
  type IndexSpec,
  type NodeRecord,
} from "../model.ts";
import type { PlanSource, Properties, Value } from "../model.ts";
import { Draw } from "../random.ts";
import { isoNaive, isoOffset, isoUtc } from "../values/time.ts";

type Bag = Record<string, Value>;

/** How often a pair of nodes gets more edges of one kind, and how many: mostly two more, once as many as were seen. */
const parallelEvery = 23;
const parallelMore = 2;
const parallelMost = { RELATES_TO: 11, MENTIONS: 33 } as const;
const dayUs = 86_400e6;

export class DirtyPlan implements GraphPlan {
  readonly name: string;
  readonly groupId: string;
  readonly indexes: readonly IndexSpec[];
  readonly afterLoad: readonly string[] = [];
  readonly source: PlanSource | undefined;
  readonly counts: GraphCounts;
  readonly #clean: GraphitiPlan;
  readonly #draw: Draw;
  readonly #parallelDraws: Readonly<Record<"RELATES_TO" | "MENTIONS", Draw>>;
  /** Entities that no episode mentions, as POST /entity-node makes them. */
  readonly #unmentioned: number;

  constructor(clean: GraphitiPlan, seed: number) {
    this.#clean = clean;
    this.#draw = new Draw(seed, `${clean.name}/dirty`);
    this.#parallelDraws = {
      RELATES_TO: new Draw(seed, `${clean.name}/dirty/facts`),
      MENTIONS: new Draw(seed, `${clean.name}/dirty/mentions`),
    };
    this.name = clean.name;
    this.groupId = clean.groupId;
    this.indexes = clean.indexes;
    this.source = clean.source;
    this.#unmentioned = clean.counts.nodes === 0 ? 0 : Math.max(1, Math.floor(clean.layout.entities / 50));
    const { RELATES_TO: facts, MENTIONS: mentions } = clean.edgeCounts;
    this.counts = {
      nodes: clean.counts.nodes + this.#unmentioned,
      edges:
        clean.counts.edges +
        parallels(facts, "RELATES_TO") +
        parallels(mentions, "MENTIONS") +
        (clean.layout.sagaEpisodes >= 3 ? clean.layout.sagas : 0),
    };
  }

  *nodes(): Generator<NodeRecord> {
    for (const node of this.#clean.nodes()) yield this.#soil(node);
    for (let n = 0; n < this.#unmentioned; n++) yield this.#lonely(n);
  }

  node(id: number): NodeRecord {
    const lonely = id - this.#clean.counts.nodes;
    return lonely >= 0 && lonely < this.#unmentioned ? this.#lonely(lonely) : this.#soil(this.#clean.node(id));
  }

  *edges(): Generator<EdgeRecord> {
    const seen: Record<string, number> = {};
    for (const edge of this.#clean.edges()) {
      const n = seen[edge.type] ?? 0;
      seen[edge.type] = n + 1;
      const soiled = edge.type === "RELATES_TO" ? this.#soilFact(edge, n) : edge;
      yield soiled;
      if ((edge.type === "RELATES_TO" || edge.type === "MENTIONS") && n % parallelEvery === 7)
        yield* this.#parallelTo(soiled, n, edge.type);
    }
    yield* this.#branches();
  }

  #soil(node: NodeRecord): NodeRecord {
    const label = node.labels[0];
    if (label === "Episodic") return { ...node, properties: this.#soilEpisode(node) };
    if (label === "Entity") return { ...node, properties: this.#soilEntity(node) };
    const { episodes, entities, communities } = this.#clean.layout;
    if (label === "Saga" && (node.id - episodes - entities - communities) % 2 === 0)
      return { ...node, properties: soilSaga(node.properties) };
    return node;
  }

  #soilEpisode({ id, properties }: NodeRecord): Properties {
    const listed = properties["entity_edges"] as readonly string[];
    const changed: Bag = { ...properties };
    // S2: the bulk route never lists its facts. S1: a fact listed twice. S3: facts that are not there (any more).
    if (id % 7 === 1) changed["entity_edges"] = [];
    if (id % 7 === 2) changed["entity_edges"] = [...listed, ...listed.slice(0, 1)];
    if (id % 7 === 3) changed["entity_edges"] = [...listed, this.#draw.at(id * 4).uuid(), this.#draw.uuid()];
    // S12: the time as each caller wrote it.
    const us = microseconds(text(properties["valid_at"]));
    const written = [isoOffset(us, 120), isoNaive(us), isoUtc(Math.floor(us / 1e6) * 1e6), isoOffset(us, -330)];
    changed["valid_at"] = written[id % 5] ?? isoUtc(us);
    return changed;
  }

  #soilEntity({ id, properties }: NodeRecord): Properties {
    const { episodes, entities } = this.#clean.layout;
    const place = id - episodes;
    const changed: Bag = { ...properties };
    // S9: the name of its neighbour, in capitals.
    if (place % 20 === 7) {
      const neighbour = this.#clean.node(episodes + ((place + 1) % entities));
      changed["name"] = text(neighbour.properties["name"]).toUpperCase();
    }
    // S13: extracted again later than the facts about it.
    if (place % 9 === 4) changed["created_at"] = isoUtc(microseconds(text(properties["created_at"])) + 30 * dayUs);
    // Other tools leave their own properties, and not always of the same type.
    if (place % 6 === 1) changed["pagerank_centrality"] = new Double(this.#draw.at(id * 4 + 1).below(1000) / 8192);
    if (place % 6 === 2) changed["degree_centrality"] = this.#draw.at(id * 4 + 1).below(100);
    if (place % 6 === 3) changed["degree_centrality"] = new Double(this.#draw.at(id * 4 + 1).below(100) / 4);
    return changed;
  }

  #lonely(n: number): NodeRecord {
    const draw = this.#draw.at(-1 - n);
    const properties = {
      uuid: draw.uuid(),
      name: `Note ${n} of nobody`,
      group_id: this.groupId,
      summary: "",
      created_at: isoUtc(Date.UTC(2025, 0, 5) * 1000 + n),
    };
    return { id: this.#clean.counts.nodes + n, labels: ["Entity"], properties };
  }

  #soilFact(edge: EdgeRecord, n: number): EdgeRecord {
    const properties: Bag = { ...edge.properties };
    let { target } = edge;
    const episodes = properties["episodes"] as readonly string[];
    // S4: the same episode twice; an episode that was never saved.
    if (n % 13 === 1) properties["episodes"] = [...episodes, ...episodes.slice(0, 1)];
    if (n % 13 === 2) properties["episodes"] = [...episodes, this.#draw.at(n * 4 + 2).uuid()];
    // S7: about itself. S5: about an entity that its episode does not mention.
    if (n % 19 === 5) {
      target = edge.source;
      properties["target_node_uuid"] = properties["source_node_uuid"] as string;
    } else if (n % 17 === 3) {
      const lonely = this.#lonely(n % this.#unmentioned);
      target = lonely.id;
      properties["target_node_uuid"] = lonely.properties["uuid"] as string;
    }
    if (n % 41 === 6) properties["name"] = "IS_DUPLICATE_OF";
    // Both dates as a language model gave them: the end before the beginning is a warning, not damage.
    if (n % 31 === 9 && properties["valid_at"] !== undefined && properties["invalid_at"] === undefined)
      properties["invalid_at"] = isoUtc(microseconds(text(properties["valid_at"])) - dayUs);
    return { ...edge, target, properties };
  }

  /** S6: more edges between the same two. Such facts come from add_triplet, which names no episode. */
  *#parallelTo(edge: EdgeRecord, n: number, type: "RELATES_TO" | "MENTIONS"): Generator<EdgeRecord> {
    const more = n === 7 ? parallelMost[type] : parallelMore;
    for (let k = 0; k < more; k++) {
      const uuid = this.#parallelDraws[type].at(n * 64 + k).uuid();
      const episodes = type === "RELATES_TO" ? { episodes: [] } : {};
      yield { ...edge, properties: { ...edge.properties, uuid, ...episodes } };
    }
  }

  /** S11: out-of-order ingestion branches the chain: the first episode of a saga has two followers. */
  *#branches(): Generator<EdgeRecord> {
    const { sagas, sagaEpisodes } = this.#clean.layout;
    if (sagaEpisodes < 3) return;
    for (let saga = 0; saga < sagas; saga++) {
      const source = this.#clean.sagaStart(saga);
      const { properties } = this.#clean.node(source + 2);
      yield {
        type: "NEXT_EPISODE",
        source,
        target: source + 2,
        properties: {
          uuid: this.#draw.at(2 ** 40 + saga).uuid(),
          group_id: this.groupId,
          created_at: properties["created_at"] as string,
        },
      };
    }
  }
}

/** S10: every message of a saga overwrote its first episode and blanked its summary. */
function soilSaga(properties: Properties): Properties {
  const { last_summarized_at: _at, last_summarized_episode_valid_at: _episode, ...rest } = properties;
  return { ...rest, summary: "", first_episode_uuid: rest["last_episode_uuid"] as string };
}

function parallels(count: number, type: "RELATES_TO" | "MENTIONS"): number {
  const chosen = Math.floor((count + parallelEvery - 8) / parallelEvery);
  return chosen === 0 ? 0 : (chosen - 1) * parallelMore + parallelMost[type];
}

/** The microseconds of a time that a clean graph wrote: naive or UTC. */
function microseconds(iso: string): number {
  const [, second = "", fraction = ""] = /^(.{19})(?:\.(\d{6}))?/.exec(iso) ?? [];
  return Date.parse(`${second}Z`) * 1000 + Number(fraction === "" ? 0 : fraction);
}

function text(value: Value | undefined): string {
  return typeof value === "string" ? value : "";
}
