// The content of every kind of node and edge, described to a writer from (seed, graph, position) alone. The order of the
// values is that of kinds.ts.
import { writeAttributes } from "./attributes.ts";
import type { Block } from "./block.ts";
import { entityTypes } from "./graphiti-schema.ts";
import { type Kinds, recordKinds } from "./kinds.ts";
import type { Layout } from "./layout.ts";
import type { Profile } from "./profile.ts";
import { Draw } from "./random.ts";
import type { RecordWriter } from "./record-writer.ts";
import { type TextPools, textPools } from "./text.ts";
import { Timeline } from "./timeline.ts";

export interface RecordsOptions {
  readonly seed: number;
  readonly name: string;
  readonly profile: Profile;
  readonly dims: number;
  readonly schema: "pre1856" | "post1856";
}

const sources = ["message", "message", "message", "message", "message", "text", "text", "json"];
const uploads = ["", "upload", "notes import"];
const hourUs = 3600e6;
const nameSpread = 2048;

export class Records {
  readonly kinds: Kinds;
  readonly #group: string;
  readonly #profile: Profile;
  readonly #dims: number;
  /** Older versions keep the time as the caller passed it, here without an offset; newer ones store UTC. */
  readonly #callerUtc: boolean;
  readonly #labelsToo: boolean;
  readonly #layout: Layout;
  readonly #pools: TextPools;
  readonly #timeline: Timeline;
  readonly #endUs: number;
  readonly #episodes: Draw;
  readonly #entities: Draw;
  readonly #facts: Draw;
  readonly #begins: Draw;
  readonly #communities: Draw;
  readonly #sagas: Draw;
  readonly #mentions: Draw;
  readonly #members: Draw;
  readonly #hasEpisode: Draw;
  readonly #nextEpisode: Draw;
  readonly #vectors: Draw;

  constructor(options: RecordsOptions, layout: Layout) {
    const { seed, name } = options;
    this.kinds = recordKinds(options);
    this.#group = name;
    this.#profile = options.profile;
    this.#dims = options.dims;
    this.#callerUtc = options.schema === "post1856";
    this.#labelsToo = options.schema === "pre1856";
    this.#layout = layout;
    this.#pools = textPools(seed);
    this.#timeline = new Timeline(seed, name, layout.episodes);
    this.#endUs = this.#timeline.endUs(layout.episodes);
    const draw = (stream: string): Draw => new Draw(seed, `${name}/${stream}`);
    this.#episodes = draw("episode");
    this.#entities = draw("entity");
    this.#facts = draw("fact");
    this.#begins = draw("begin");
    this.#communities = draw("community");
    this.#sagas = draw("saga");
    this.#mentions = draw("mention");
    this.#members = draw("member");
    this.#hasEpisode = draw("has-episode");
    this.#nextEpisode = draw("next-episode");
    this.#vectors = draw("vector");
  }

  episode(writer: RecordWriter, id: number, episode: number, block: Block): void {
    const draw = this.#episodes.at(episode);
    const { heads } = this.#pools;
    writer.node(this.kinds.episode, id);
    writer.uuid(draw);
    const source = draw.pick(sources);
    const length = draw.quantile(this.#profile.contentLength);
    const createdUs = this.#timeline.createdUs(episode);
    writer.textBegin();
    writer.addPooled(heads, draw.below(nameSpread));
    writer.add(` ${source} `);
    writer.addInstant(Math.floor(createdUs / 1e6) * 1e6);
    writer.add(` #${episode}`);
    writer.textEnd();
    writer.text(this.#group);
    this.#sourceDescription(writer, source, draw);
    writer.text(source);
    this.#content(writer, source, draw, length);
    const listed = block.listed[episode - block.firstEpisode] as number[];
    writer.list(listed.length);
    for (let i = 0; i < listed.length; i++) writer.uuid(this.#facts.at(block.firstFact + (listed[i] as number)));
    writer.instant(createdUs, true);
    writer.instant(this.#timeline.validUs(episode), this.#callerUtc);
  }

  /** `type` 0 is untyped, t is entityTypes[t - 1]; `episode` is the one in which the entity is new. */
  entity(writer: RecordWriter, id: number, entity: number, type: number, episode: number): void {
    const draw = this.#entities.at(entity);
    writer.node(this.kinds.entities[type] as Kinds["saga"], id);
    writer.uuid(draw);
    writer.textBegin();
    writer.addName(this.#pools, entity);
    writer.textEnd();
    writer.text(this.#group);
    this.#summary(writer, draw);
    writer.instant(this.#timeline.extractedUs(episode), true);
    if (this.#dims > 0) writer.vector("name_embedding", this.#vectors.at(entity * 4), this.#dims);
    if (this.#labelsToo) this.#labels(writer, entityTypes[type - 1], draw);
    if (type > 0) writeAttributes(writer, type - 1, draw, this.#pools);
  }

  community(writer: RecordWriter, id: number, n: number): void {
    const draw = this.#communities.at(n);
    writer.node(this.kinds.community, id);
    writer.uuid(draw);
    writer.textBegin();
    writer.addPooled(this.#pools.heads, draw.below(nameSpread));
    writer.add(" ");
    writer.addProse(this.#pools, draw, 30);
    writer.add(` ${n}`);
    writer.textEnd();
    writer.text(this.#group);
    this.#summary(writer, draw);
    writer.instant(this.#endUs, true);
    if (this.#dims > 0) writer.vector("name_embedding", this.#vectors.at(n * 4 + 1), this.#dims);
  }

  saga(writer: RecordWriter, id: number, n: number, firstEpisode: number): void {
    const draw = this.#sagas.at(n);
    const last = firstEpisode + this.#layout.sagaEpisodes - 1;
    writer.node(this.kinds.saga, id);
    writer.uuid(draw);
    const summed = draw.chance(0.6);
    writer.textBegin();
    writer.addPooled(this.#pools.heads, draw.below(nameSpread));
    writer.add(" ");
    writer.addPooled(this.#pools.tails, draw.below(nameSpread));
    writer.add(` thread ${n}`);
    writer.textEnd();
    writer.text(this.#group);
    // The world time of the first episode, not the time of writing: that is what Graphiti does.
    writer.instant(this.#timeline.validUs(firstEpisode), this.#callerUtc);
    if (summed) this.#summary(writer, draw);
    else writer.text("");
    writer.uuid(this.#episodes.at(firstEpisode));
    writer.uuid(this.#episodes.at(last));
    if (!summed) {
      writer.absent();
      writer.absent();
      return;
    }
    writer.instant(this.#endUs, true);
    writer.instant(this.#timeline.validUs(last), this.#callerUtc);
  }

  mention(writer: RecordWriter, source: number, target: number, entity: number): void {
    // Unique for the pair: an episode mentions an entity once.
    const draw = this.#mentions.at(source * 2 ** 24 + entity);
    writer.edge(this.kinds.mention, source, target);
    this.#link(writer, draw, this.#timeline.createdUs(source));
  }

  member(writer: RecordWriter, source: number, target: number, entity: number): void {
    writer.edge(this.kinds.member, source, target);
    this.#link(writer, this.#members.at(entity), this.#endUs + 1);
  }

  hasEpisode(writer: RecordWriter, saga: number, episode: number): void {
    writer.edge(this.kinds.hasEpisode, saga, episode);
    this.#link(writer, this.#hasEpisode.at(episode), this.#timeline.createdUs(episode));
  }

  nextEpisode(writer: RecordWriter, episode: number): void {
    writer.edge(this.kinds.nextEpisode, episode - 1, episode);
    this.#link(writer, this.#nextEpisode.at(episode), this.#timeline.createdUs(episode));
  }

  /** `f` counts within the block. */
  fact(writer: RecordWriter, source: number, target: number, f: number, block: Block): void {
    const fact = block.firstFact + f;
    const episode = block.firstEpisode + (block.factEpisode[f] as number);
    const from = block.factSource[f] as number;
    const to = block.factTarget[f] as number;
    const repeat = block.factRepeat[f] as number;
    const draw = this.#facts.at(fact);
    const { relations, phrases } = this.#pools;
    writer.edge(this.kinds.fact, source, target);
    writer.uuid(draw);
    // The product of two uniform draws favours the common relations at the front of the list.
    const relation = Math.floor(draw.unit() * draw.unit() * relations.strings.length);
    const createdUs = this.#timeline.extractedUs(episode);
    writer.text(this.#group);
    writer.textBegin();
    writer.addPooled(relations, relation);
    writer.textEnd();
    writer.textBegin();
    writer.addName(this.#pools, from);
    writer.add(" ");
    writer.addPooled(phrases, relation);
    writer.add(" ");
    writer.addName(this.#pools, to);
    writer.add(": ");
    writer.addProse(this.#pools, draw, draw.quantile(this.#profile.factTail));
    writer.textEnd();
    writer.uuid(this.#entities.at(from));
    writer.uuid(this.#entities.at(to));
    writer.list(repeat < 0 ? 1 : 2);
    writer.uuid(this.#episodes.at(episode));
    if (repeat >= 0) writer.uuid(this.#episodes.at(block.firstEpisode + repeat));
    writer.instant(createdUs, true);
    this.#factTimes(writer, f, block, createdUs);
    writer.instant(this.#timeline.validUs(episode), this.#callerUtc);
    if (this.#dims > 0) writer.vector("fact_embedding", this.#vectors.at(fact * 4 + 2), this.#dims);
    if (this.#profile.typedEntities && draw.chance(0.04)) writer.double(draw.below(1000) / 1000);
    else writer.absent();
  }

  /** When a fact began to hold (its valid_at), or undefined where nobody said. */
  factBeganUs(fact: number, episode: number): number | undefined {
    const draw = this.#begins.at(fact);
    if (!draw.chance(this.#profile.validShare)) return undefined;
    const saidUs = this.#timeline.validUs(episode);
    if (draw.chance(0.6)) return saidUs;
    return Math.floor((saidUs - draw.below(5000) * hourUs) / 1e6) * 1e6;
  }

  /** valid_at, invalid_at, expired_at */
  #factTimes(writer: RecordWriter, f: number, block: Block, createdUs: number): void {
    const fact = block.firstFact + f;
    const beganUs = this.factBeganUs(fact, block.firstEpisode + (block.factEpisode[f] as number));
    if (beganUs === undefined) writer.absent();
    else writer.instant(beganUs, true);
    const end = block.factEnd[f] as number;
    if (end >= 0) {
      const episode = block.firstEpisode + (block.factEpisode[end] as number);
      writer.instant(this.factBeganUs(block.firstFact + end, episode) as number, true);
      writer.instant(this.#timeline.extractedUs(episode), true);
      return;
    }
    const draw = this.#begins;
    if (beganUs === undefined || !draw.chance(this.#profile.endedShare)) {
      writer.absent();
      writer.absent();
      return;
    }
    // The text itself said from when until when; some ended before they were written down.
    writer.instant(beganUs + 1e6 + draw.below(900) * hourUs, true);
    if (draw.chance(0.3)) writer.instant(createdUs, true);
    else writer.absent();
  }

  #link(writer: RecordWriter, draw: Draw, createdUs: number): void {
    writer.uuid(draw);
    writer.text(this.#group);
    writer.instant(createdUs, true);
  }

  #summary(writer: RecordWriter, draw: Draw): void {
    const length = draw.quantile(this.#profile.summaryLength);
    const parts = length < 300 ? 1 : 2;
    writer.textBegin();
    writer.addProse(this.#pools, draw, length / parts);
    if (parts === 2) {
      writer.add("\n");
      writer.addProse(this.#pools, draw, length / parts);
    }
    writer.textEnd();
  }

  #sourceDescription(writer: RecordWriter, source: string, draw: Draw): void {
    if (source !== "message") {
      writer.text(draw.pick(uploads));
      return;
    }
    writer.textBegin();
    writer.add("chat with ");
    writer.addPooled(this.#pools.heads, draw.below(nameSpread));
    writer.textEnd();
  }

  #content(writer: RecordWriter, source: string, draw: Draw, length: number): void {
    const json = source === "json";
    writer.textBegin();
    if (json) {
      writer.add(`{"id":${draw.below(1e9)},"kind":"`);
      writer.addPooled(this.#pools.heads, draw.below(nameSpread));
      writer.add(`","active":${draw.chance(0.5)},"text":"`);
    }
    writer.addProse(this.#pools, draw, json ? Math.max(1, length - 60) : length);
    if (json) writer.add('"}');
    writer.textEnd();
  }

  /** Their order is that of a Python set: any. */
  #labels(writer: RecordWriter, label: string | undefined, draw: Draw): void {
    if (label === undefined) {
      writer.list(1);
      writer.text("Entity");
      return;
    }
    const first = draw.chance(0.5);
    writer.list(2);
    writer.text(first ? "Entity" : label);
    writer.text(first ? label : "Entity");
  }
}
