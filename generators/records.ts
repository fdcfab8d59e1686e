// The properties of every kind of node and edge, in one fixed order each, made from (seed, graph, position) alone.
import { addAttributes } from "./attributes.ts";
import type { Block } from "./block.ts";
import { embedding } from "./embedding.ts";
import { entityTypes } from "./graphiti-schema.ts";
import type { Layout } from "./layout.ts";
import { Double, type Properties, type Value } from "./model.ts";
import type { Profile } from "./profile.ts";
import { Draw } from "./random.ts";
import { entityName, prose, type TextPools, textPools } from "./text.ts";
import { isoNaive, isoUtc } from "./time.ts";
import { Timeline } from "./timeline.ts";

export interface RecordsOptions {
  readonly seed: number;
  readonly name: string;
  readonly profile: Profile;
  readonly dims: number;
  readonly schema: "pre1856" | "post1856";
}

type Bag = Record<string, Value>;

const sources = ["message", "message", "message", "message", "message", "text", "text", "json"];
const hourUs = 3600e6;

export class Records {
  readonly #group: string;
  readonly #profile: Profile;
  readonly #dims: number;
  readonly #pre1856: boolean;
  readonly #layout: Layout;
  readonly #pools: TextPools;
  readonly #timeline: Timeline;
  readonly #draws: Readonly<Record<"episode" | "entity" | "fact" | "community" | "saga" | "begin", Draw>>;
  readonly #edgeDraws: Readonly<Record<"mention" | "member" | "HAS_EPISODE" | "NEXT_EPISODE" | "vector", Draw>>;

  constructor(options: RecordsOptions, layout: Layout) {
    const { seed, name } = options;
    this.#group = name;
    this.#profile = options.profile;
    this.#dims = options.dims;
    this.#pre1856 = options.schema === "pre1856";
    this.#layout = layout;
    this.#pools = textPools(seed);
    this.#timeline = new Timeline(seed, name, layout.episodes);
    const draw = (stream: string): Draw => new Draw(seed, `${name}/${stream}`);
    this.#draws = {
      episode: draw("episode"),
      entity: draw("entity"),
      fact: draw("fact"),
      community: draw("community"),
      saga: draw("saga"),
      begin: draw("begin"),
    };
    this.#edgeDraws = {
      mention: draw("mention"),
      member: draw("member"),
      HAS_EPISODE: draw("has-episode"),
      NEXT_EPISODE: draw("next-episode"),
      vector: draw("vector"),
    };
  }

  episode(episode: number, block: Block): Properties {
    const draw = this.#draws.episode.at(episode);
    const uuid = draw.uuid();
    const source = draw.pick(sources);
    const length = draw.quantile(this.#profile.contentLength);
    const word = draw.pick(this.#pools.heads);
    const createdUs = this.#timeline.createdUs(episode);
    return {
      uuid,
      name: `${word} ${source} ${isoNaive(Math.floor(createdUs / 1e6) * 1e6)} #${episode}`,
      group_id: this.#group,
      source_description:
        source === "message" ? `chat with ${draw.pick(this.#pools.heads)}` : draw.pick(["", "upload", "notes import"]),
      source,
      content: source === "json" ? this.#json(draw, length) : prose(this.#pools, draw, length),
      entity_edges: (block.listed[episode - block.firstEpisode] as number[]).map((f) =>
        this.factUuid(block.firstFact + f),
      ),
      created_at: isoUtc(createdUs),
      valid_at: this.#callerTime(this.#timeline.validUs(episode)),
    };
  }

  /** `type` 0 is untyped, t is entityTypes[t - 1]; `episode` is the one in which the entity is new. */
  entity(entity: number, type: number, episode: number): Properties {
    const draw = this.#draws.entity.at(entity);
    const properties: Bag = {
      uuid: draw.uuid(),
      name: this.name(entity),
      group_id: this.#group,
      summary: this.#summary(draw, draw.quantile(this.#profile.summaryLength)),
      created_at: isoUtc(this.#timeline.extractedUs(episode)),
    };
    if (this.#dims > 0) properties["name_embedding"] = embedding(this.#edgeDraws.vector.at(entity * 4), this.#dims);
    const label = entityTypes[type - 1];
    if (this.#pre1856)
      properties["labels"] =
        label === undefined ? ["Entity"] : draw.chance(0.5) ? ["Entity", label] : [label, "Entity"];
    if (type > 0) addAttributes(properties, type - 1, draw, this.#pools);
    return properties;
  }

  community(n: number): Properties {
    const draw = this.#draws.community.at(n);
    const properties: Bag = {
      uuid: draw.uuid(),
      name: `${draw.pick(this.#pools.heads)} ${prose(this.#pools, draw, 30)} ${n}`,
      group_id: this.#group,
      summary: this.#summary(draw, draw.quantile(this.#profile.summaryLength)),
      created_at: isoUtc(this.#timeline.endUs(this.#layout.episodes)),
    };
    if (this.#dims > 0) properties["name_embedding"] = embedding(this.#edgeDraws.vector.at(n * 4 + 1), this.#dims);
    return properties;
  }

  saga(n: number, firstEpisode: number): Properties {
    const draw = this.#draws.saga.at(n);
    const last = firstEpisode + this.#layout.sagaEpisodes - 1;
    const uuid = draw.uuid();
    const summed = draw.chance(0.6);
    const properties: Bag = {
      uuid,
      name: `${draw.pick(this.#pools.heads)} ${draw.pick(this.#pools.tails)} thread ${n}`,
      group_id: this.#group,
      // The world time of the first episode, not the time of writing: that is what Graphiti does.
      created_at: this.#callerTime(this.#timeline.validUs(firstEpisode)),
      summary: summed ? prose(this.#pools, draw, draw.quantile(this.#profile.summaryLength)) : "",
      first_episode_uuid: this.episodeUuid(firstEpisode),
      last_episode_uuid: this.episodeUuid(last),
    };
    if (summed) {
      properties["last_summarized_at"] = isoUtc(this.#timeline.endUs(this.#layout.episodes));
      properties["last_summarized_episode_valid_at"] = this.#callerTime(this.#timeline.validUs(last));
    }
    return properties;
  }

  mention(episode: number, entity: number): Properties {
    // Unique for the pair: an episode mentions an entity once.
    const uuid = this.#edgeDraws.mention.at(episode * 2 ** 24 + entity).uuid();
    return { uuid, group_id: this.#group, created_at: isoUtc(this.#timeline.createdUs(episode)) };
  }

  member(entity: number): Properties {
    const createdUs = this.#timeline.endUs(this.#layout.episodes) + 1;
    return { uuid: this.#edgeDraws.member.at(entity).uuid(), group_id: this.#group, created_at: isoUtc(createdUs) };
  }

  sagaEpisode(type: "HAS_EPISODE" | "NEXT_EPISODE", episode: number): Properties {
    const uuid = this.#edgeDraws[type].at(episode).uuid();
    return { uuid, group_id: this.#group, created_at: isoUtc(this.#timeline.createdUs(episode)) };
  }

  /** `f` counts within the block. */
  fact(f: number, block: Block): Properties {
    const fact = block.firstFact + f;
    const episode = block.firstEpisode + (block.factEpisode[f] as number);
    const source = block.factSource[f] as number;
    const target = block.factTarget[f] as number;
    const repeat = block.factRepeat[f] as number;
    const draw = this.#draws.fact.at(fact);
    const uuid = draw.uuid();
    // The square of a uniform draw favours the common relations at the front of the list.
    const relation = Math.floor(draw.unit() * draw.unit() * this.#pools.relations.length);
    const first = this.episodeUuid(episode);
    const createdUs = this.#timeline.extractedUs(episode);
    const tail = prose(this.#pools, draw, draw.quantile(this.#profile.factTail));
    const properties: Bag = {
      uuid,
      group_id: this.#group,
      name: this.#pools.relations[relation] as string,
      fact: `${this.name(source)} ${this.#pools.phrases[relation] as string} ${this.name(target)}: ${tail}`,
      source_node_uuid: this.entityUuid(source),
      target_node_uuid: this.entityUuid(target),
      episodes: repeat < 0 ? [first] : [first, this.episodeUuid(block.firstEpisode + repeat)],
      created_at: isoUtc(createdUs),
    };
    this.#factTimes(properties, f, block, createdUs);
    properties["reference_time"] = this.#callerTime(this.#timeline.validUs(episode));
    if (this.#dims > 0) properties["fact_embedding"] = embedding(this.#edgeDraws.vector.at(fact * 4 + 2), this.#dims);
    if (this.#profile.typedEntities && draw.chance(0.04))
      properties["confidence"] = new Double(draw.below(1000) / 1000);
    return properties;
  }

  /** When a fact began to hold (its valid_at), or undefined where nobody said. */
  factBeganUs(fact: number, episode: number): number | undefined {
    const draw = this.#draws.begin.at(fact);
    if (!draw.chance(this.#profile.validShare)) return undefined;
    const saidUs = this.#timeline.validUs(episode);
    if (draw.chance(0.6)) return saidUs;
    return Math.floor((saidUs - draw.below(5000) * hourUs) / 1e6) * 1e6;
  }

  episodeUuid(episode: number): string {
    return this.#draws.episode.at(episode).uuid();
  }

  entityUuid(entity: number): string {
    return this.#draws.entity.at(entity).uuid();
  }

  factUuid(fact: number): string {
    return this.#draws.fact.at(fact).uuid();
  }

  name(entity: number): string {
    return entityName(this.#pools, entity);
  }

  #factTimes(properties: Bag, f: number, block: Block, createdUs: number): void {
    const fact = block.firstFact + f;
    const beganUs = this.factBeganUs(fact, block.firstEpisode + (block.factEpisode[f] as number));
    if (beganUs !== undefined) properties["valid_at"] = isoUtc(beganUs);
    const end = block.factEnd[f] as number;
    if (end >= 0) {
      const episode = block.firstEpisode + (block.factEpisode[end] as number);
      properties["invalid_at"] = isoUtc(this.factBeganUs(block.firstFact + end, episode) as number);
      properties["expired_at"] = isoUtc(this.#timeline.extractedUs(episode));
      return;
    }
    const draw = this.#draws.begin;
    draw.at(fact).next();
    draw.next();
    draw.next();
    if (beganUs === undefined || !draw.chance(this.#profile.endedShare)) return;
    // The text itself said from when until when; half of them ended before they were written down.
    properties["invalid_at"] = isoUtc(beganUs + 1e6 + draw.below(900) * hourUs);
    if (draw.chance(0.3)) properties["expired_at"] = isoUtc(createdUs);
  }

  #summary(draw: Draw, length: number): string {
    if (length < 300) return prose(this.#pools, draw, length);
    return `${prose(this.#pools, draw, length / 2)}\n${prose(this.#pools, draw, length / 2)}`;
  }

  #json(draw: Draw, length: number): string {
    const text = prose(this.#pools, draw, Math.max(1, length - 60));
    return JSON.stringify({ id: draw.below(1e9), kind: draw.pick(this.#pools.heads), active: draw.chance(0.5), text });
  }

  /** Older versions keep the time as the caller passed it, here without an offset; newer ones store UTC. */
  #callerTime(us: number): string {
    return this.#pre1856 ? isoNaive(us) : isoUtc(us);
  }
}
