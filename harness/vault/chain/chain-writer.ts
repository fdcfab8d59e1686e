// The stream -> segments of a chain, one open and at most one on its way into the vault. A segment ends at a boundary of
// the stream when it is large or old enough, when somebody asks, or when the archiver ends.
import { type Clock, systemClock } from "../../base/clock.ts";
import { errorOf } from "../../base/errors.ts";
import { CommandParser, type StreamCommand } from "../../falkordb/replication/replication-commands.ts";
import type { StreamPosition } from "../../falkordb/replication/replication-client.ts";
import { ByteQueue } from "../parts/byte-queue.ts";
import type { Hazard, SealReason } from "./segment-manifest.ts";
import { type ChainHead, type SegmentContext, type SegmentFacts, writeSegment } from "./segments.ts";
import { StreamClock } from "./stream-clock.ts";
import { StreamFacts } from "./stream-facts.ts";
import type { StreamSchemas } from "./schemas/stream-schemas.ts";

/** How much of one command is looked at; the rest of it goes by unseen. */
const keptBytesMax = 8 * 2 ** 20;
/** A stream in which nothing happens is sealed this much more rarely. */
const idleFactor = 60;

export interface ChainWriterOptions {
  readonly segments: SegmentContext;
  readonly base: string;
  /** Number of the last segment. */
  readonly number: number;
  /** Where the stream begins, in which history, and when. */
  readonly start: StreamPosition & { readonly atMs: number };
  /** The end of the chain so far; it may be a base that is not complete yet, and then nothing is sealed before. */
  readonly head: Promise<ChainHead>;
  readonly segmentBytes: number;
  readonly segmentAgeMs: number;
  /** How much may wait for the vault before the source is held back. */
  readonly bufferBytes: number;
  /** Follows what a replica knows of each graph; what it finds is a hazard too. */
  readonly schemas?: StreamSchemas;
  /** Looks at each command; what may not replay exactly is written into the manifest. */
  readonly inspect?: (command: StreamCommand) => Hazard | undefined;
  /** The first hazard of the chain so far, in the order of the stream. Every manifest after it repeats it, so that the last one tells all. */
  readonly hazard?: Hazard;
  /** Hears of each new one. */
  readonly onHazard?: (hazard: Hazard) => void;
  readonly clock?: Clock;
}

interface OpenSegment {
  readonly from: number;
  readonly queue: ByteQueue;
  /** Set when it ends. */
  readonly facts: PromiseWithResolvers<SegmentFacts>;
  readonly done: Promise<ChainHead>;
}

export class ChainWriter {
  readonly #options: ChainWriterOptions;
  readonly #parser: CommandParser;
  readonly #clock: StreamClock;
  readonly #facts = new StreamFacts();
  #replid: string;
  #received: number;
  #sealed: ChainHead | undefined;
  #previous: Promise<ChainHead>;
  #number: number;
  #open: OpenSegment;
  #turn: Promise<unknown> = Promise.resolve();
  #failure: Error | undefined;
  #firstHazard: Hazard | undefined;
  #hasHazard: boolean;

  constructor(options: ChainWriterOptions) {
    this.#options = options;
    this.#firstHazard = options.hazard;
    this.#hasHazard = options.hazard !== undefined;
    const { start, clock = systemClock } = options;
    this.#parser = new CommandParser(start.offset, keptBytesMax, options.schemas);
    this.#clock = new StreamClock(clock, start.atMs);
    this.#replid = start.replid;
    this.#received = start.offset;
    this.#number = options.number;
    this.#previous = this.#whenSealed(options.head);
    this.#open = this.#begin(start.offset);
  }

  /** Where the stream goes on: after the last byte received, which may be inside a command. */
  get position(): StreamPosition {
    return { replid: this.#replid, offset: this.#received };
  }

  /** The end of the chain in the vault; undefined while its base is not complete. */
  get sealed(): ChainHead | undefined {
    return this.#sealed;
  }

  /** Received and not in the vault yet. */
  get unsealedBytes(): number {
    return this.#received - (this.#sealed?.offset ?? this.#options.start.offset);
  }

  get queuedBytes(): number {
    return this.#open.queue.queuedBytes;
  }

  /** Takes the next bytes over. Waits while the vault is behind; throws where it failed. */
  push(chunk: Buffer): Promise<void> {
    return this.#inTurn(async () => {
      const atMs = this.#clock.nowMs();
      for (const command of this.#parser.push(chunk)) {
        this.#facts.note(command, atMs);
        const hazard = this.#options.inspect?.(command);
        if (hazard !== undefined) this.noteHazard(hazard);
      }
      this.noteSchemas();
      this.#received += chunk.length;
      await this.#open.queue.write(chunk, this.#parser.boundary - this.#open.from);
      if (this.#parser.boundary - this.#open.from >= this.#options.segmentBytes) await this.#seal("size");
    });
  }

  /** The same stream goes on under another id. */
  renamed(replid: string, hazard: Hazard): Promise<void> {
    return this.#inTurn(async () => {
      await this.#seal("request");
      this.#replid = replid;
      this.noteHazard(hazard);
    });
  }

  /**
   * Asks the source where its stream ends: all that it had acknowledged before the question lies before that. Of a
   * connection that fails the follower hears by itself.
   */
  async askHowComplete(offsetOfSource: () => Promise<number>): Promise<void> {
    const atMs = this.#clock.nowMs();
    this.#facts.noteComplete(await offsetOfSource(), atMs);
  }

  noteHazard(hazard: Hazard): void {
    this.#facts.noteHazard(hazard);
    this.#hasHazard = true;
    this.#options.onHazard?.(hazard);
  }

  /** Takes over what was found in the names of the graphs. */
  noteSchemas(): void {
    for (const hazard of this.#options.schemas?.take() ?? []) this.noteHazard(hazard);
  }

  get schemas(): StreamSchemas | undefined {
    return this.#options.schemas;
  }

  /** Nothing can be pushed any more: the vault failed, or it was abandoned. */
  get isOver(): boolean {
    return this.#failure !== undefined;
  }

  get hasHazard(): boolean {
    return this.#hasHazard;
  }

  /** Ends the open segment when it is old enough. */
  sealWhenDue(): Promise<void> {
    return this.#inTurn(async () => {
      const { segmentAgeMs } = this.#options;
      const nowMs = this.#clock.nowMs();
      const since = this.#facts.firstChangeAtMs;
      const isDue = since !== undefined && nowMs - since >= segmentAgeMs;
      const lastAtMs = Date.parse(this.#sealed?.at ?? new Date(nowMs).toISOString());
      if (isDue || nowMs - lastAtMs >= segmentAgeMs * idleFactor) await this.#seal("age");
    });
  }

  /**
   * Ends the open segment and waits until it is in the vault. With `evenIfEmpty` a segment of nothing tells that nothing
   * came. Gives the end of the chain.
   */
  async seal(reason: SealReason, options: { readonly evenIfEmpty?: boolean } = {}): Promise<ChainHead> {
    await this.#options.head;
    await this.#inTurn(() => this.#seal(reason, options.evenIfEmpty));
    return this.#previous;
  }

  /** Leaves what is in the vault as it is, and takes away what is not sealed. */
  async abandon(why: unknown): Promise<void> {
    this.#failure ??= errorOf(why);
    this.#open.queue.fail(errorOf(why));
    await Promise.allSettled([this.#open.done, this.#previous]);
  }

  async #seal(reason: SealReason, evenIfEmpty = false): Promise<void> {
    const { from, queue, facts } = this.#open;
    const to = this.#parser.boundary;
    if (this.#sealed === undefined || (to === from && !evenIfEmpty) || !queue.canEndAt(to - from)) return;
    await this.#previous;
    const rest = queue.endAt(to - from);
    const toAt = new Date(this.#clock.nowMs()).toISOString();
    this.noteSchemas();
    const schemas = this.#options.schemas?.listFor(this.#number + 1);
    const taken = this.#facts.take(to);
    const carried = this.#firstHazard === undefined ? [] : [this.#firstHazard];
    const hazards = [...carried, ...taken.hazards];
    // One that is found late may be about what came before.
    this.#firstHazard = hazards.toSorted((a, b) => a.offset - b.offset)[0];
    facts.resolve({
      replid: this.#replid,
      to,
      toAt,
      sealed: reason,
      ...taken,
      hazards,
      ...(schemas === undefined ? {} : { schemas }),
    });
    this.#number++;
    this.#previous = this.#whenSealed(this.#open.done);
    this.#open = this.#begin(to);
    if (rest.length > 0) await this.#open.queue.write(rest, 0);
  }

  #begin(from: number): OpenSegment {
    const { segments, base, bufferBytes } = this.#options;
    const queue = new ByteQueue(bufferBytes);
    const facts = Promise.withResolvers<SegmentFacts>();
    const previous = this.#previous;
    const ended = async (): Promise<{ previous: ChainHead; facts: SegmentFacts }> => ({
      previous: await previous,
      facts: await facts.promise,
    });
    const done = writeSegment(segments, { base, number: this.#number + 1 }, queue, ended);
    done.catch((error: unknown) => {
      this.#failure ??= errorOf(error);
      queue.fail(errorOf(error));
    });
    return { from, queue, facts, done };
  }

  #whenSealed(done: Promise<ChainHead>): Promise<ChainHead> {
    const sealed = done.then((head) => (this.#sealed = head));
    sealed.catch((error: unknown) => (this.#failure ??= errorOf(error)));
    return sealed;
  }

  /** One after the other: a segment must not end in the middle of a push. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(() => {
      if (this.#failure !== undefined) throw this.#failure;
      return work();
    });
    this.#turn = turn.catch(() => {});
    return turn;
  }
}
