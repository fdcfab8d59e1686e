// What all records of one graph share: its texts, its times, and a stream of draws for each kind of record.
import { type Kinds, recordKinds } from "./kinds.ts";
import type { Layout } from "../layout/layout.ts";
import type { Profile } from "../profile.ts";
import { Draw } from "../random.ts";
import { type TextPools, textPools } from "../values/text.ts";
import { Timeline } from "../layout/timeline.ts";

export interface RecordOptions {
  readonly seed: number;
  readonly name: string;
  readonly profile: Profile;
  readonly dims: number;
  readonly schema: "pre1856" | "post1856";
}

const hourUs = 3600e6;

export class RecordContext {
  readonly kinds: Kinds;
  readonly group: string;
  readonly profile: Profile;
  readonly dims: number;
  /** Older versions keep the time as the caller passed it, here without an offset; newer ones store UTC. */
  readonly callerUtc: boolean;
  readonly layout: Layout;
  readonly pools: TextPools;
  readonly timeline: Timeline;
  /** End of the timeline in µs, after everything else. */
  readonly endUs: number;
  readonly episodes: Draw;
  readonly entities: Draw;
  readonly facts: Draw;
  readonly begins: Draw;
  readonly communities: Draw;
  readonly sagas: Draw;
  readonly mentions: Draw;
  readonly members: Draw;
  readonly hasEpisode: Draw;
  readonly nextEpisode: Draw;
  readonly vectors: Draw;

  constructor(options: RecordOptions, layout: Layout) {
    const { seed, name } = options;
    this.kinds = recordKinds(options);
    this.group = name;
    this.profile = options.profile;
    this.dims = options.dims;
    this.callerUtc = options.schema === "post1856";
    this.layout = layout;
    this.pools = textPools(seed);
    this.timeline = new Timeline(seed, name, layout.episodes);
    this.endUs = this.timeline.endUs(layout.episodes);
    const draw = (stream: string): Draw => new Draw(seed, `${name}/${stream}`);
    this.episodes = draw("episode");
    this.entities = draw("entity");
    this.facts = draw("fact");
    this.begins = draw("begin");
    this.communities = draw("community");
    this.sagas = draw("saga");
    this.mentions = draw("mention");
    this.members = draw("member");
    this.hasEpisode = draw("has-episode");
    this.nextEpisode = draw("next-episode");
    this.vectors = draw("vector");
  }

  /** Time in µs from which a fact holds (its valid_at), or undefined where it was not stated. */
  factBeganUs(fact: number, episode: number): number | undefined {
    const draw = this.begins.at(fact);
    if (!draw.chance(this.profile.validShare)) return undefined;
    const saidUs = this.timeline.validUs(episode);
    if (draw.chance(0.6)) return saidUs;
    return Math.floor((saidUs - draw.below(5000) * hourUs) / 1e6) * 1e6;
  }
}
