// The content of every kind of node, described to a writer from (seed, graph, position) alone. The order of the values is
// that of kinds.ts.
import { writeAttributes } from "./attributes.ts";
import type { Block } from "../layout/block.ts";
import { entityTypes } from "../schema/graphiti-schema.ts";
import type { Draw } from "../random.ts";
import type { RecordContext } from "./record-context.ts";
import type { RecordKind, RecordWriter } from "./record-writer.ts";

const sources = ["message", "message", "message", "message", "message", "text", "text", "json"];
const uploads = ["", "upload", "notes import"];
const nameSpread = 2048;

export class NodeRecords {
  readonly #context: RecordContext;

  constructor(context: RecordContext) {
    this.#context = context;
  }

  episode(writer: RecordWriter, id: number, episode: number, block: Block): void {
    const draw = this.#context.episodes.at(episode);
    const { heads } = this.#context.pools;
    writer.node(this.#context.kinds.episode, id);
    writer.uuid(draw);
    const source = draw.pick(sources);
    const length = draw.quantile(this.#context.profile.contentLength);
    const createdUs = this.#context.timeline.createdUs(episode);
    writer.textBegin();
    writer.addPooled(heads, draw.below(nameSpread));
    writer.add(` ${source} `);
    writer.addInstant(Math.floor(createdUs / 1e6) * 1e6);
    writer.add(` #${episode}`);
    writer.textEnd();
    writer.text(this.#context.group);
    this.#sourceDescription(writer, source, draw);
    writer.text(source);
    this.#content(writer, source, draw, length);
    const listed = block.listed[episode - block.firstEpisode] as number[];
    writer.list(listed.length);
    for (let i = 0; i < listed.length; i++)
      writer.uuid(this.#context.facts.at(block.firstFact + (listed[i] as number)));
    writer.instant(createdUs, true);
    writer.instant(this.#context.timeline.validUs(episode), this.#context.callerUtc);
  }

  /** `type` 0 is untyped, t is entityTypes[t - 1]; `episode` is the one in which the entity is new. */
  entity(writer: RecordWriter, id: number, entity: number, type: number, episode: number): void {
    const draw = this.#context.entities.at(entity);
    writer.node(this.#context.kinds.entities[type] as RecordKind, id);
    writer.uuid(draw);
    writer.textBegin();
    writer.addName(this.#context.pools, entity);
    writer.textEnd();
    writer.text(this.#context.group);
    this.#summary(writer, draw);
    writer.instant(this.#context.timeline.extractedUs(episode), true);
    if (this.#context.dims > 0)
      writer.vector("name_embedding", this.#context.vectors.at(entity * 4), this.#context.dims);
    if (!this.#context.callerUtc) this.#labels(writer, entityTypes[type - 1], draw);
    if (type > 0) writeAttributes(writer, type - 1, draw, this.#context.pools);
  }

  community(writer: RecordWriter, id: number, n: number): void {
    const draw = this.#context.communities.at(n);
    writer.node(this.#context.kinds.community, id);
    writer.uuid(draw);
    writer.textBegin();
    writer.addPooled(this.#context.pools.heads, draw.below(nameSpread));
    writer.add(" ");
    writer.addProse(this.#context.pools, draw, 30);
    writer.add(` ${n}`);
    writer.textEnd();
    writer.text(this.#context.group);
    this.#summary(writer, draw);
    writer.instant(this.#context.endUs, true);
    if (this.#context.dims > 0)
      writer.vector("name_embedding", this.#context.vectors.at(n * 4 + 1), this.#context.dims);
  }

  saga(writer: RecordWriter, id: number, n: number, firstEpisode: number): void {
    const draw = this.#context.sagas.at(n);
    const last = firstEpisode + this.#context.layout.sagaEpisodes - 1;
    writer.node(this.#context.kinds.saga, id);
    writer.uuid(draw);
    const summed = draw.chance(0.6);
    writer.textBegin();
    writer.addPooled(this.#context.pools.heads, draw.below(nameSpread));
    writer.add(" ");
    writer.addPooled(this.#context.pools.tails, draw.below(nameSpread));
    writer.add(` thread ${n}`);
    writer.textEnd();
    writer.text(this.#context.group);
    // The world time of the first episode, not the time of writing: that is what Graphiti does.
    writer.instant(this.#context.timeline.validUs(firstEpisode), this.#context.callerUtc);
    if (summed) this.#summary(writer, draw);
    else writer.text("");
    writer.uuid(this.#context.episodes.at(firstEpisode));
    writer.uuid(this.#context.episodes.at(last));
    if (!summed) {
      writer.absent();
      writer.absent();
      return;
    }
    writer.instant(this.#context.endUs, true);
    writer.instant(this.#context.timeline.validUs(last), this.#context.callerUtc);
  }

  #summary(writer: RecordWriter, draw: Draw): void {
    const length = draw.quantile(this.#context.profile.summaryLength);
    const parts = length < 300 ? 1 : 2;
    writer.textBegin();
    writer.addProse(this.#context.pools, draw, length / parts);
    if (parts === 2) {
      writer.add("\n");
      writer.addProse(this.#context.pools, draw, length / parts);
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
    writer.addPooled(this.#context.pools.heads, draw.below(nameSpread));
    writer.textEnd();
  }

  #content(writer: RecordWriter, source: string, draw: Draw, length: number): void {
    const json = source === "json";
    writer.textBegin();
    if (json) {
      writer.add(`{"id":${draw.below(1e9)},"kind":"`);
      writer.addPooled(this.#context.pools.heads, draw.below(nameSpread));
      writer.add(`","active":${draw.chance(0.5)},"text":"`);
    }
    writer.addProse(this.#context.pools, draw, json ? Math.max(1, length - 60) : length);
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
