// The shape of a generated dataset, counted in one pass over it, in the terms in which real Graphiti graphs were measured.
import type { Dataset, EdgeRecord, GraphPlan, NodeRecord } from "./model.ts";

/** How often each whole number was seen; lengths and degrees are small, so a plain array will do. */
export class Histogram {
  readonly #seen: number[] = [];
  count = 0;
  sum = 0;
  max = 0;

  add(value: number): void {
    this.#seen[value] = (this.#seen[value] ?? 0) + 1;
    this.count++;
    this.sum += value;
    this.max = Math.max(this.max, value);
  }

  get mean(): number {
    return this.count === 0 ? 0 : this.sum / this.count;
  }

  /** How many were exactly this. */
  of(value: number): number {
    return this.#seen[value] ?? 0;
  }

  quantile(share: number): number {
    let left = share * this.count;
    for (let value = 0; value <= this.max; value++) {
      left -= this.of(value);
      if (left <= 0) return value;
    }
    return this.max;
  }
}

export interface DatasetStatistics {
  readonly graphs: number;
  readonly emptyGraphs: number;
  /** Nodes by label, edges by type. */
  readonly labels: Readonly<Record<string, number>>;
  readonly types: Readonly<Record<string, number>>;
  readonly mentionsPerEpisode: Histogram;
  readonly listedPerEpisode: Histogram;
  readonly episodesPerFact: Histogram;
  readonly mentionsPerEntity: Histogram;
  readonly factDegree: Histogram;
  /** Share of all ends of facts that the busiest entity has. */
  readonly hubShare: number;
  readonly contentLength: Histogram;
  readonly episodeNameLength: Histogram;
  readonly entityNameLength: Histogram;
  readonly summaryLength: Histogram;
  readonly factLength: Histogram;
  readonly relationLength: Histogram;
  readonly relations: number;
  readonly validFacts: number;
  readonly expiredFacts: number;
  /** invalid_at without expired_at. */
  readonly endedFacts: number;
}

export function datasetStatistics(dataset: Dataset): DatasetStatistics {
  const counter = new Counter();
  for (const plan of dataset.graphs()) counter.graph(plan);
  return counter.statistics();
}

class Counter {
  #graphs = 0;
  #emptyGraphs = 0;
  readonly #labels: Record<string, number> = {};
  readonly #types: Record<string, number> = {};
  readonly #histograms = {
    mentionsPerEpisode: new Histogram(),
    listedPerEpisode: new Histogram(),
    episodesPerFact: new Histogram(),
    mentionsPerEntity: new Histogram(),
    factDegree: new Histogram(),
    contentLength: new Histogram(),
    episodeNameLength: new Histogram(),
    entityNameLength: new Histogram(),
    summaryLength: new Histogram(),
    factLength: new Histogram(),
    relationLength: new Histogram(),
  };
  readonly #relations = new Set<string>();
  #facts = { valid: 0, expired: 0, ended: 0 };
  #hubEnds = 0;

  graph(plan: GraphPlan): void {
    this.#graphs++;
    if (plan.counts.nodes === 0) this.#emptyGraphs++;
    // Per node: kind, mentions, fact ends; the only data that grows with the graph, by nine bytes a node.
    const kinds = new Uint8Array(plan.counts.nodes);
    const mentions = new Uint32Array(plan.counts.nodes);
    const facts = new Uint32Array(plan.counts.nodes);
    for (const node of plan.nodes()) kinds[node.id] = this.#node(node);
    for (const edge of plan.edges()) {
      this.#types[edge.type] = (this.#types[edge.type] ?? 0) + 1;
      if (edge.type === "MENTIONS") {
        bump(mentions, edge.source);
        bump(mentions, edge.target);
      } else if (edge.type === "RELATES_TO") {
        bump(facts, edge.source);
        bump(facts, edge.target);
        this.#fact(edge);
      }
    }
    for (let id = 0; id < kinds.length; id++) {
      const [mentioned, ends] = [mentions[id] ?? 0, facts[id] ?? 0];
      if (kinds[id] === episodeKind) this.#histograms.mentionsPerEpisode.add(mentioned);
      if (kinds[id] !== entityKind) continue;
      this.#histograms.mentionsPerEntity.add(mentioned);
      this.#histograms.factDegree.add(ends);
      this.#hubEnds = Math.max(this.#hubEnds, ends);
    }
  }

  statistics(): DatasetStatistics {
    const ends = this.#histograms.factDegree.sum;
    return {
      graphs: this.#graphs,
      emptyGraphs: this.#emptyGraphs,
      labels: this.#labels,
      types: this.#types,
      ...this.#histograms,
      hubShare: ends === 0 ? 0 : this.#hubEnds / ends,
      relations: this.#relations.size,
      validFacts: this.#facts.valid,
      expiredFacts: this.#facts.expired,
      endedFacts: this.#facts.ended,
    };
  }

  #node({ labels, properties }: NodeRecord): number {
    for (const label of labels) this.#labels[label] = (this.#labels[label] ?? 0) + 1;
    const { content, name, summary, entity_edges: listed } = properties;
    if (labels.includes("Episodic")) {
      this.#histograms.contentLength.add(lengthOf(content));
      this.#histograms.episodeNameLength.add(lengthOf(name));
      this.#histograms.listedPerEpisode.add(lengthOf(listed));
      return episodeKind;
    }
    if (!labels.includes("Entity")) return otherKind;
    this.#histograms.entityNameLength.add(lengthOf(name));
    this.#histograms.summaryLength.add(lengthOf(summary));
    return entityKind;
  }

  #fact({ properties }: EdgeRecord): void {
    const { name, fact, episodes, valid_at: valid, invalid_at: invalid, expired_at: expired } = properties;
    this.#histograms.factLength.add(lengthOf(fact));
    this.#histograms.relationLength.add(lengthOf(name));
    this.#histograms.episodesPerFact.add(lengthOf(episodes));
    if (typeof name === "string") this.#relations.add(name);
    if (valid !== undefined) this.#facts.valid++;
    if (expired !== undefined) this.#facts.expired++;
    else if (invalid !== undefined) this.#facts.ended++;
  }
}

const otherKind = 0;
const episodeKind = 1;
const entityKind = 2;

function bump(counts: Uint32Array, at: number): void {
  counts[at] = (counts[at] ?? 0) + 1;
}

function lengthOf(value: unknown): number {
  return typeof value === "string" || Array.isArray(value) ? value.length : 0;
}
