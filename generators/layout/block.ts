// The links within one block of episodes: which entities are new in which episode, what each mentions, which facts
// it yields, which of them a later episode repeats or ends. Everything about ends and counts is decided here; texts and
// times of single records are made elsewhere.
import { type Layout, share } from "./layout.ts";
import type { Profile } from "../profile.ts";
import { Draw } from "../random.ts";

/** The truth about single facts that the block needs: when a fact began to hold, or undefined. */
export type FactBeginning = (fact: number, episode: number) => number | undefined;

const recentEntities = 128;
const repeatWindow = 16;

export class Block {
  index = -1;
  firstEpisode = 0;
  episodes = 0;
  firstEntity = 0;
  entities = 0;
  firstFact = 0;
  /** Episode (counted within the block) in which each new entity appears. */
  readonly entityEpisode: number[] = [];
  /** Entities that each episode mentions. */
  readonly mentions: number[][] = [];
  readonly factSource: number[] = [];
  readonly factTarget: number[] = [];
  readonly factEpisode: number[] = [];
  /** The later episode that repeats a fact, or -1. */
  readonly factRepeat: number[] = [];
  /** The later fact that contradicts a fact, or -1. */
  readonly factEnd: number[] = [];
  /** Facts (counted within the block) that each episode lists: its own, repeated, and contradicted ones. */
  readonly listed: number[][] = [];

  readonly #layout: Layout;
  readonly #profile: Profile;
  readonly #draw: Draw;
  readonly #beginning: FactBeginning;
  readonly #weights: number[] = [];
  /** How many entities are new before each episode. */
  readonly #newBefore: number[] = [];
  readonly #counts: number[] = [];
  #level = 0;

  constructor(seed: number, graph: string, layout: Layout, profile: Profile, beginning: FactBeginning) {
    this.#layout = layout;
    this.#profile = profile;
    this.#draw = new Draw(seed, `${graph}/block`);
    this.#beginning = beginning;
  }

  /**
   * Builds the block unless it is there already: `newcomers` is enough to know when an entity appeared, `mentions` to
   * know which entities each episode mentions.
   */
  build(index: number, level: "newcomers" | "mentions" | "all"): this {
    if (this.index !== index) {
      this.index = index;
      this.#level = 0;
    }
    if (this.#level < 1) {
      this.#dealEntities();
      this.#level = 1;
    }
    if (this.#level < 2 && level !== "newcomers") {
      this.#dealMentions();
      this.#level = 2;
    }
    if (this.#level < 3 && level === "all") {
      this.#dealFacts();
      this.#linkFacts();
      this.#level = 3;
    }
    return this;
  }

  #dealEntities(): void {
    const { episodes, entities, facts, blocks } = this.#layout;
    this.firstEpisode = share(episodes, this.index, blocks);
    this.episodes = share(episodes, this.index + 1, blocks) - this.firstEpisode;
    this.firstEntity = share(entities, this.index, blocks);
    this.entities = share(entities, this.index + 1, blocks) - this.firstEntity;
    this.firstFact = share(facts, this.index, blocks);
    const draw = this.#draw.at(this.index * 3);
    const weights = this.#weights;
    weights.length = 0;
    let sum = 0;
    for (let i = 0; i < this.episodes; i++) {
      // The first of a block always speaks, so that there is an entity to mention.
      if (!draw.chance(this.#profile.silentShare) || i === 0) sum += draw.quantile(this.#profile.activity);
      weights.push(sum);
    }
    const places = this.entityEpisode;
    places.length = 0;
    const counts = this.#noCounts();
    for (let k = 0; k < this.entities; k++) {
      const place = this.index === 0 && k < 2 ? 0 : this.#weighted(weights);
      counts[place] = (counts[place] as number) + 1;
    }
    spread(counts, places);
    const before = this.#newBefore;
    before.length = 0;
    let k = 0;
    for (let i = 0; i <= this.episodes; i++) {
      while (k < places.length && (places[k] as number) < i) k++;
      before.push(k);
    }
  }

  #dealMentions(): void {
    const { extraMentions, blocks } = this.#layout;
    this.#draw.at(this.index * 3 + 1);
    for (let i = 0; i < this.episodes; i++) (this.mentions[i] ??= []).length = 0;
    this.mentions.length = this.episodes;
    for (let k = 0; k < this.entityEpisode.length; k++)
      this.mentions[this.entityEpisode[k] as number]?.push(this.firstEntity + k);
    const extra = share(extraMentions, this.index + 1, blocks) - share(extraMentions, this.index, blocks);
    for (let n = 0; n < extra; n++) {
      const place = this.#weighted(this.#weights);
      if (this.#mention(place)) continue;
      // Only the very first episodes may run out of entities to mention: then a later episode takes the mention, or none.
      for (let other = this.episodes - 1; other >= 0; other--) if (this.#mention(other)) break;
    }
  }

  /** One more mention of an entity older than the episode; false when it mentions all of them already. */
  #mention(place: number): boolean {
    const mentioned = this.mentions[place] as number[];
    const newcomers = this.#newBefore[place] as number;
    const known = this.firstEntity + newcomers;
    const own = (this.#newBefore[place + 1] as number) - newcomers;
    if (mentioned.length - own >= known) return false;
    let entity = this.#older(known);
    for (let tries = 0; tries < 3 && mentioned.includes(entity); tries++) entity = this.#older(known);
    while (mentioned.includes(entity)) entity = (entity + 1) % known;
    mentioned.push(entity);
    return true;
  }

  /** An older entity: often a recent one, else by a Zipf-like law in which the oldest are the hubs. */
  #older(known: number): number {
    const draw = this.#draw;
    if (draw.chance(this.#profile.userShare)) return 0;
    if (draw.chance(0.35)) return known - 1 - draw.below(Math.min(known, recentEntities));
    // Octaves of equal weight, uniform within: 1 / (k + offset) without a logarithm, so exact on every machine.
    const offset = this.#profile.hubOffset;
    let octaves = 1;
    while (offset * ((1 << octaves) - 1) < known) octaves++;
    const octave = draw.below(octaves);
    const low = offset * ((1 << octave) - 1);
    const high = Math.min(known, offset * ((2 << octave) - 1));
    return low + draw.below(high - low);
  }

  #dealFacts(): void {
    const { facts, blocks } = this.#layout;
    this.#draw.at(this.index * 3 + 2);
    const count = share(facts, this.index + 1, blocks) - this.firstFact;
    const sums: number[] = [];
    let sum = 0;
    for (let i = 0; i < this.episodes; i++) {
      const weight = (this.#weights[i] as number) - (i === 0 ? 0 : (this.#weights[i - 1] as number));
      if ((this.mentions[i] as number[]).length >= 2) sum += weight;
      sums.push(sum);
    }
    for (const list of [this.factSource, this.factTarget, this.factEpisode]) list.length = 0;
    if (sum === 0) return;
    const counts = this.#noCounts();
    for (let f = 0; f < count; f++) {
      const place = this.#weighted(sums);
      counts[place] = (counts[place] as number) + 1;
    }
    spread(counts, this.factEpisode);
    for (let f = 0; f < count; f++) {
      const mentioned = this.mentions[this.factEpisode[f] as number] as number[];
      const from = this.#draw.below(mentioned.length);
      const to = (from + 1 + this.#draw.below(mentioned.length - 1)) % mentioned.length;
      this.factSource.push(mentioned[from] as number);
      this.factTarget.push(mentioned[to] as number);
    }
  }

  #linkFacts(): void {
    const { repeatedShare, invalidatedShare } = this.#profile;
    const draw = this.#draw;
    for (let i = 0; i < this.episodes; i++) (this.listed[i] ??= []).length = 0;
    this.listed.length = this.episodes;
    this.factRepeat.length = 0;
    this.factEnd.length = 0;
    for (let f = 0; f < this.factEpisode.length; f++) {
      const place = this.factEpisode[f] as number;
      this.listed[place]?.push(f);
      const later = Math.min(this.episodes - 1 - place, repeatWindow);
      const repeat = later > 0 && draw.chance(repeatedShare) ? place + 1 + draw.below(later) : -1;
      this.factRepeat.push(repeat);
      const end = draw.chance(invalidatedShare) ? this.#contradiction(f, place) : -1;
      this.factEnd.push(end);
    }
    // Own facts come first in an episode's list, then what it repeats and what it ends.
    for (let f = 0; f < this.factEpisode.length; f++) {
      const repeat = this.factRepeat[f] as number;
      if (repeat >= 0) this.listed[repeat]?.push(f);
    }
    for (let f = 0; f < this.factEpisode.length; f++) {
      const end = this.factEnd[f] as number;
      const place = end < 0 ? -1 : (this.factEpisode[end] as number);
      if (place >= 0 && this.factRepeat[f] !== place) this.listed[place]?.push(f);
    }
  }

  /** A later fact that may end this one: it must begin strictly after it. */
  #contradiction(fact: number, place: number): number {
    const beganUs = this.#beginning(this.firstFact + fact, this.firstEpisode + place);
    if (beganUs === undefined) return -1;
    for (let tries = 0; tries < 4; tries++) {
      const candidate = fact + 1 + this.#draw.below(this.factEpisode.length - fact);
      const episode = this.factEpisode[candidate];
      if (episode === undefined || episode <= place) continue;
      const endsUs = this.#beginning(this.firstFact + candidate, this.firstEpisode + episode);
      if (endsUs !== undefined && endsUs > beganUs) return candidate;
    }
    return -1;
  }

  /** An episode by its weight; `sums` are running totals. */
  #weighted(sums: readonly number[]): number {
    const target = this.#draw.unit() * (sums[sums.length - 1] as number);
    let low = 0;
    let high = sums.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sums[middle] as number) > target) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  #noCounts(): number[] {
    const counts = this.#counts;
    counts.length = 0;
    for (let i = 0; i < this.episodes; i++) counts.push(0);
    return counts;
  }
}

/** [2, 0, 1] becomes [0, 0, 2]: places in order, each as often as it was drawn. */
function spread(counts: readonly number[], places: number[]): void {
  places.length = 0;
  for (let place = 0; place < counts.length; place++)
    for (let n = counts[place] as number; n > 0; n--) places.push(place);
}
