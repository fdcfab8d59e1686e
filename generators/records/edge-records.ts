// The content of every kind of edge, described to a writer from (seed, graph, position) alone. The order of the values is
// that of kinds.ts.
import type { Block } from "../layout/block.ts";
import type { Draw } from "../random.ts";
import type { RecordContext } from "./record-context.ts";
import type { RecordWriter } from "./record-writer.ts";

const hourUs = 3600e6;

export class EdgeRecords {
  readonly #context: RecordContext;

  constructor(context: RecordContext) {
    this.#context = context;
  }

  mention(writer: RecordWriter, source: number, target: number, entity: number): void {
    // Unique for the pair: an episode mentions an entity once.
    const draw = this.#context.mentions.at(source * 2 ** 24 + entity);
    writer.edge(this.#context.kinds.mention, source, target);
    this.#link(writer, draw, this.#context.timeline.createdUs(source));
  }

  member(writer: RecordWriter, source: number, target: number, entity: number): void {
    writer.edge(this.#context.kinds.member, source, target);
    this.#link(writer, this.#context.members.at(entity), this.#context.endUs + 1);
  }

  hasEpisode(writer: RecordWriter, saga: number, episode: number): void {
    writer.edge(this.#context.kinds.hasEpisode, saga, episode);
    this.#link(writer, this.#context.hasEpisode.at(episode), this.#context.timeline.createdUs(episode));
  }

  nextEpisode(writer: RecordWriter, episode: number): void {
    writer.edge(this.#context.kinds.nextEpisode, episode - 1, episode);
    this.#link(writer, this.#context.nextEpisode.at(episode), this.#context.timeline.createdUs(episode));
  }

  /** `f` counts within the block. */
  fact(writer: RecordWriter, source: number, target: number, f: number, block: Block): void {
    const fact = block.firstFact + f;
    const episode = block.firstEpisode + (block.factEpisode[f] as number);
    const from = block.factSource[f] as number;
    const to = block.factTarget[f] as number;
    const repeat = block.factRepeat[f] as number;
    const draw = this.#context.facts.at(fact);
    const { relations, phrases } = this.#context.pools;
    writer.edge(this.#context.kinds.fact, source, target);
    writer.uuid(draw);
    // The product of two uniform draws favours the common relations at the front of the list.
    const relation = Math.floor(draw.unit() * draw.unit() * relations.strings.length);
    const createdUs = this.#context.timeline.extractedUs(episode);
    writer.text(this.#context.group);
    writer.textBegin();
    writer.addPooled(relations, relation);
    writer.textEnd();
    writer.textBegin();
    writer.addName(this.#context.pools, from);
    writer.add(" ");
    writer.addPooled(phrases, relation);
    writer.add(" ");
    writer.addName(this.#context.pools, to);
    writer.add(": ");
    writer.addProse(this.#context.pools, draw, draw.quantile(this.#context.profile.factTail));
    writer.textEnd();
    writer.uuid(this.#context.entities.at(from));
    writer.uuid(this.#context.entities.at(to));
    writer.list(repeat < 0 ? 1 : 2);
    writer.uuid(this.#context.episodes.at(episode));
    if (repeat >= 0) writer.uuid(this.#context.episodes.at(block.firstEpisode + repeat));
    writer.instant(createdUs, true);
    this.#factTimes(writer, f, block, createdUs);
    writer.instant(this.#context.timeline.validUs(episode), this.#context.callerUtc);
    if (this.#context.dims > 0)
      writer.vector("fact_embedding", this.#context.vectors.at(fact * 4 + 2), this.#context.dims);
    if (this.#context.profile.typedEntities && draw.chance(0.04)) writer.double(draw.below(1000) / 1000);
    else writer.absent();
  }

  /** valid_at, invalid_at, expired_at */
  #factTimes(writer: RecordWriter, f: number, block: Block, createdUs: number): void {
    const fact = block.firstFact + f;
    const beganUs = this.#context.factBeganUs(fact, block.firstEpisode + (block.factEpisode[f] as number));
    if (beganUs === undefined) writer.absent();
    else writer.instant(beganUs, true);
    const end = block.factEnd[f] as number;
    if (end >= 0) {
      const episode = block.firstEpisode + (block.factEpisode[end] as number);
      writer.instant(this.#context.factBeganUs(block.firstFact + end, episode) as number, true);
      writer.instant(this.#context.timeline.extractedUs(episode), true);
      return;
    }
    const draw = this.#context.begins;
    if (beganUs === undefined || !draw.chance(this.#context.profile.endedShare)) {
      writer.absent();
      writer.absent();
      return;
    }
    // The text itself said from when until when; some ended before they were recorded.
    writer.instant(beganUs + 1e6 + draw.below(900) * hourUs, true);
    if (draw.chance(0.3)) writer.instant(createdUs, true);
    else writer.absent();
  }

  #link(writer: RecordWriter, draw: Draw, createdUs: number): void {
    writer.uuid(draw);
    writer.text(this.#context.group);
    writer.instant(createdUs, true);
  }
}
