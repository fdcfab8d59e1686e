// Counts what is ugly in a graph, code by code, by looking at the records alone: the proof that a dirty graph has
// something of each kind for a check to stumble over, and that a clean one has not.
import type { EdgeRecord, GraphPlan, NodeRecord } from "../model.ts";

export const soilCodes = ["S1", "S2", "S3", "S4", "S5", "S6", "S7", "S8", "S9", "S10", "S11", "S12", "S13"] as const;
export type SoilCode = (typeof soilCodes)[number];

interface Episode {
  readonly listed: readonly string[];
  readonly validAt: string;
  readonly mentioned: Set<number>;
  followers: number;
}

/** Keeps an entry a node and edge in memory: for tests and for showing, not for millions. */
export function dirtyWitnesses(plan: GraphPlan): Record<SoilCode, number> {
  const survey = new Survey();
  for (const node of plan.nodes()) survey.node(node);
  for (const edge of plan.edges()) survey.edge(edge);
  return survey.count();
}

class Survey {
  readonly #counts = Object.fromEntries(soilCodes.map((code) => [code, 0])) as Record<SoilCode, number>;
  readonly #episodes = new Map<number, Episode>();
  readonly #episodeIds = new Map<string, number>();
  readonly #entities = new Map<number, { createdAt: string; mentioned: boolean; related: boolean }>();
  readonly #names = new Set<string>();
  readonly #facts: EdgeRecord[] = [];
  readonly #pairs = new Set<string>();

  node({ id, labels, properties }: NodeRecord): void {
    if (labels.includes("Episodic")) {
      const { entity_edges: listed, uuid, valid_at: validAt } = properties;
      const episode = {
        listed: listed as string[],
        validAt: text(validAt),
        mentioned: new Set<number>(),
        followers: 0,
      };
      this.#episodes.set(id, episode);
      this.#episodeIds.set(text(uuid), id);
    } else if (labels.includes("Entity")) {
      this.#entities.set(id, { createdAt: text(properties["created_at"]), mentioned: false, related: false });
      const name = text(properties["name"]).toLowerCase();
      if (this.#names.has(name)) this.#counts.S9++;
      this.#names.add(name);
    } else if (labels.includes("Saga") && properties["first_episode_uuid"] === properties["last_episode_uuid"]) {
      this.#counts.S10++;
    }
  }

  edge(edge: EdgeRecord): void {
    const { type, source, target } = edge;
    if (type === "NEXT_EPISODE") {
      const episode = this.#episodes.get(source);
      if (episode !== undefined && ++episode.followers > 1) this.#counts.S11++;
    }
    if (type !== "MENTIONS" && type !== "RELATES_TO") return;
    const pair = `${type} ${source} ${target}`;
    // Two facts about the same two are nothing special; two mentions are.
    if (type === "MENTIONS" && this.#pairs.has(pair)) this.#counts.S6++;
    this.#pairs.add(pair);
    if (type === "RELATES_TO") this.#facts.push(edge);
    else this.#episodes.get(source)?.mentioned.add(target);
    for (const id of [source, target]) {
      const entity = this.#entities.get(id);
      if (entity === undefined) continue;
      if (type === "MENTIONS") entity.mentioned = true;
      else entity.related = true;
    }
  }

  count(): Record<SoilCode, number> {
    const forms = new Map<string, number>();
    const facts = new Set(this.#facts.map(({ properties }) => text(properties["uuid"])));
    for (const { listed, validAt } of this.#episodes.values()) {
      if (new Set(listed).size < listed.length) this.#counts.S1++;
      if (listed.some((uuid) => !facts.has(uuid))) this.#counts.S3++;
      const form = /(?:[+-]\d\d:\d\d)?$/.exec(validAt)?.[0] ?? "";
      forms.set(form, (forms.get(form) ?? 0) + 1);
    }
    // One form all over is nothing special, a mixture is: all that are not written in the most common one.
    this.#counts.S12 = this.#episodes.size - Math.max(0, ...forms.values());
    for (const { mentioned } of this.#entities.values()) if (!mentioned) this.#counts.S8++;
    for (const fact of this.#facts) this.#fact(fact);
    return this.#counts;
  }

  #fact({ source, target, properties }: EdgeRecord): void {
    const episodes = properties["episodes"] as string[];
    if (source === target) this.#counts.S7++;
    if (new Set(episodes).size < episodes.length || episodes.some((uuid) => !this.#episodeIds.has(uuid)))
      this.#counts.S4++;
    const first = this.#episodes.get(this.#episodeIds.get(episodes[0] ?? "") ?? -1);
    if (first === undefined) return;
    if (!first.mentioned.has(source) || !first.mentioned.has(target)) this.#counts.S5++;
    if (first.listed.length === 0) this.#counts.S2++;
    const created = text(properties["created_at"]);
    if ([source, target].some((id) => (this.#entities.get(id)?.createdAt ?? "") > created)) this.#counts.S13++;
  }
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
