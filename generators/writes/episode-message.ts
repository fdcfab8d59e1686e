// What a writer writes: one message with all that Graphiti's extraction would have made of it, since a drill has no
// language model. A pure function of (seed, writer, sequence), so that the judge can make it again from a line of history.
// Everything in it belongs to its own writer, so what is stored never depends on what other writers did: each writer has
// one hub entity that all its messages mention, sagas of its own, and each message invalidates a fact of the one before.
import { addAttributes } from "../records/attributes.ts";
import { embedding } from "../values/embedding.ts";
import { entityTypes } from "../schema/graphiti-schema.ts";
import type { Properties, Value } from "../model.ts";
import { Draw } from "../random.ts";
import { entityName, prose, type TextPools, textPools } from "../values/text.ts";
import { isoUtc } from "../values/time.ts";

export interface MessageOptions {
  readonly seed: number;
  readonly writer: string;
  readonly sequence: number;
  readonly groupId: string;
  /** Length of the embeddings; 0 leaves them out. */
  readonly dims?: number;
  readonly schema?: "pre1856" | "post1856";
}

export interface MessageEntity {
  /** Second label after `Entity`; undefined for an untyped entity. */
  readonly type: string | undefined;
  readonly properties: Properties;
}

interface MessageSaga {
  readonly uuid: string;
  readonly name: string;
  readonly createdAt: string;
  /** The episode before this one in the saga, and the NEXT_EPISODE edge from it. */
  readonly previous: { readonly episode: string; readonly properties: Properties } | undefined;
  /** Properties of the HAS_EPISODE edge. */
  readonly hasEpisode: Properties;
}

export interface EpisodeMessage {
  readonly uuid: string;
  readonly groupId: string;
  readonly schema: "pre1856" | "post1856";
  /** Text of the message and its speaker; Graphiti stores it as `role(user): text`. */
  readonly said: { readonly role: string; readonly text: string };
  readonly episode: Properties;
  readonly entities: readonly MessageEntity[];
  readonly mentions: readonly { readonly entity: string; readonly properties: Properties }[];
  /** New facts, then those that they invalidate, as they are afterwards. The ends are among the properties. */
  readonly facts: readonly Properties[];
  readonly invalidated: readonly Properties[];
  readonly saga: MessageSaga | undefined;
}

const startUs = Date.UTC(2026, 0, 5, 9) * 1000;
const gapUs = 1_000_003;
export const messagesPerSaga = 48;

export function randomMessage(options: MessageOptions): EpisodeMessage {
  return makerFor(options).message(options.sequence);
}

/** Kind and uuid of what only this message stores: not its writer's hub and saga, nor the link to the message before. */
export function messageParts(options: Omit<MessageOptions, "dims">): (readonly [kind: string, uuid: string])[] {
  return makerFor(options).parts(options.sequence);
}

export function uuidOf(properties: Properties): string {
  const { uuid } = properties;
  if (typeof uuid !== "string") throw new TypeError("a record without a uuid");
  return uuid;
}

type MakerOptions = Required<Omit<MessageOptions, "sequence">>;

/** Keying the streams of a writer costs more than a message; a judge asks for a million messages of few writers. */
const makers = new Map<string, MessageMaker>();
const mostMakers = 256;

function makerFor({ seed, writer, groupId, dims = 0, schema = "post1856" }: MessageOptions): MessageMaker {
  const key = [seed, writer, groupId, dims, schema].join("/");
  let maker = makers.get(key);
  if (maker === undefined) {
    if (makers.size >= mostMakers) makers.clear();
    maker = new MessageMaker({ seed, writer, groupId, dims, schema });
    makers.set(key, maker);
  }
  return maker;
}

class MessageMaker {
  readonly #options: MakerOptions;
  readonly #pools: TextPools;
  readonly #draws = new Map<string, Draw>();

  constructor(options: MakerOptions) {
    this.#options = options;
    this.#pools = textPools(options.seed);
  }

  parts(sequence: number): (readonly [kind: string, uuid: string])[] {
    const fresh = this.#freshUuids(sequence);
    const at = (stream: string, index: number): string => this.#draw(stream, sequence * 16 + index).uuid();
    return [
      ["Episodic", this.#episodeUuid(sequence)],
      ...fresh.map((uuid) => ["Entity", uuid] as const),
      ["MENTIONS", at("mention", 0)],
      ...fresh.map((_, index) => ["MENTIONS", at("mention", index + 1)] as const),
      ...fresh.map((_, index) => ["RELATES_TO", at("fact", index)] as const),
      ["HAS_EPISODE", this.#draw("has-episode", sequence).uuid()],
    ];
  }

  message(sequence: number): EpisodeMessage {
    const { groupId, schema } = this.#options;
    const said = this.#said(sequence);
    const fresh = this.#freshEntities(sequence);
    const entities = [this.#hub(), ...fresh];
    const facts = this.#facts(sequence);
    const isFirst = sequence % messagesPerSaga === 0;
    const invalidated = isFirst ? [] : [this.#ended(sequence - 1)];
    return {
      uuid: this.#episodeUuid(sequence),
      groupId,
      schema,
      said,
      episode: this.#episode(sequence, said, [...facts, ...invalidated]),
      entities,
      mentions: entities.map(({ properties }, index) => ({
        entity: uuidOf(properties),
        properties: this.#plainEdge("mention", sequence * 16 + index, sequence),
      })),
      facts,
      invalidated,
      saga: this.#saga(sequence, isFirst),
    };
  }

  #episode(sequence: number, { role, text }: EpisodeMessage["said"], listed: readonly Properties[]): Properties {
    return {
      uuid: this.#episodeUuid(sequence),
      name: `${this.#options.writer} message ${sequence}`,
      group_id: this.#options.groupId,
      source_description: `chat of ${this.#options.writer}`,
      source: "message",
      content: `${role}(user): ${text}`,
      entity_edges: listed.map(uuidOf),
      created_at: this.#createdAt(sequence),
      valid_at: this.#validAt(sequence),
    };
  }

  #said(sequence: number): EpisodeMessage["said"] {
    const draw = this.#draw("content", sequence);
    return { role: this.#options.writer, text: prose(this.#pools, draw, 80 + draw.below(400)) };
  }

  #hub(): MessageEntity {
    return { type: "Person", properties: this.#entity("hub", 0, this.#options.writer, 0, "Person") };
  }

  /** Two to four entities that only this message makes. */
  #freshEntities(sequence: number): MessageEntity[] {
    return Array.from({ length: this.#freshCount(sequence) }, (_, index) => {
      const position = sequence * 16 + index;
      const type = this.#draw("type", position).below(entityTypes.length + 2);
      const label = entityTypes[type];
      const name = `${entityName(this.#pools, 2 + this.#draw("name", position).below(1e6))} ${sequence}.${index}`;
      return { type: label, properties: this.#entity("entity", position, name, sequence, label) };
    });
  }

  #freshCount(sequence: number): number {
    return 2 + this.#draw("count", sequence).below(3);
  }

  #entity(stream: string, position: number, name: string, sequence: number, type: string | undefined): Properties {
    const draw = this.#draw(stream, position);
    const { groupId, dims, schema } = this.#options;
    const properties: Record<string, Value> = {
      uuid: draw.uuid(),
      name,
      group_id: groupId,
      summary: prose(this.#pools, draw, 20 + draw.below(200)),
      created_at: this.#createdAt(sequence),
    };
    if (schema === "pre1856") properties["labels"] = type === undefined ? ["Entity"] : ["Entity", type];
    if (type !== undefined)
      addAttributes(
        properties,
        entityTypes.findIndex((known) => known === type),
        draw,
        this.#pools,
      );
    if (dims > 0) properties["name_embedding"] = embedding(this.#draw(`${stream}-vector`, position), dims);
    return properties;
  }

  /** The hub knows each new entity; the last fact is between two new ones. */
  #facts(sequence: number): Properties[] {
    const ends = [this.#hubUuid(), ...this.#freshUuids(sequence)];
    const pairs = ends
      .slice(1)
      .map((end, index) => (index === 0 ? [ends[0], end] : [ends[index], end]) as [string, string]);
    return pairs.map(([source, target], index) => this.#fact(sequence, index, source, target));
  }

  #freshUuids(sequence: number): string[] {
    const count = this.#freshCount(sequence);
    return Array.from({ length: count }, (_, index) => this.#draw("entity", sequence * 16 + index).uuid());
  }

  #fact(sequence: number, index: number, source: string, target: string): Properties {
    const draw = this.#draw("fact", sequence * 16 + index);
    const uuid = draw.uuid();
    const relation = draw.below(this.#pools.relations.strings.length);
    const properties: Record<string, Value> = {
      uuid,
      group_id: this.#options.groupId,
      name: this.#pools.relations.at(relation),
      fact: `${this.#pools.phrases.at(relation)}: ${prose(this.#pools, draw, 20 + draw.below(80))}`,
      source_node_uuid: source,
      target_node_uuid: target,
      episodes: [this.#episodeUuid(sequence)],
      created_at: this.#createdAt(sequence),
      valid_at: this.#validAt(sequence),
      reference_time: this.#validAt(sequence),
    };
    const { dims } = this.#options;
    if (dims > 0) properties["fact_embedding"] = embedding(this.#draw("fact-vector", sequence * 16 + index), dims);
    return properties;
  }

  /** The first fact of a message as the next message leaves it. */
  #ended(sequence: number): Properties {
    const [target = ""] = this.#freshUuids(sequence);
    const first = this.#fact(sequence, 0, this.#hubUuid(), target);
    return { ...first, invalid_at: this.#validAt(sequence + 1), expired_at: this.#createdAt(sequence + 1) };
  }

  #saga(sequence: number, isFirst: boolean): MessageSaga {
    const number = Math.floor(sequence / messagesPerSaga);
    const previous = {
      episode: this.#episodeUuid(sequence - 1),
      properties: this.#plainEdge("next-episode", sequence, sequence),
    };
    return {
      uuid: this.#draw("saga", number).uuid(),
      name: `${this.#options.writer} thread ${number}`,
      // The world time of its first episode, as Graphiti has it.
      createdAt: this.#validAt(number * messagesPerSaga),
      previous: isFirst ? undefined : previous,
      hasEpisode: this.#plainEdge("has-episode", sequence, sequence),
    };
  }

  #plainEdge(stream: string, index: number, sequence: number): Properties {
    return {
      uuid: this.#draw(stream, index).uuid(),
      group_id: this.#options.groupId,
      created_at: this.#createdAt(sequence),
    };
  }

  /** Draws for this index; two streams are never drawn from in turns. */
  #draw(stream: string, index: number): Draw {
    let draw = this.#draws.get(stream);
    if (draw === undefined) {
      const { seed, writer } = this.#options;
      draw = new Draw(seed, `writer/${writer}/${stream}`);
      this.#draws.set(stream, draw);
    }
    return draw.at(index);
  }

  #hubUuid(): string {
    return this.#draw("hub", 0).uuid();
  }

  #episodeUuid(sequence: number): string {
    return this.#draw("episode", sequence).uuid();
  }

  #createdAt(sequence: number): string {
    return isoUtc(startUs + sequence * gapUs + 250_000);
  }

  #validAt(sequence: number): string {
    return isoUtc(startUs + sequence * gapUs);
  }
}
