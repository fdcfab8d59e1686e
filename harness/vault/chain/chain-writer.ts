// Writes the stream as segments of a chain, one open and at most one being stored in the vault. A segment ends at a
// boundary of the stream when it is large or old enough, on request, or when the archiver ends.
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

/** How many bytes of one command are inspected; the rest is not. */
const keptBytesMax = 8 * 2 ** 20;
/** An idle stream is sealed this much more rarely. */
const idleFactor = 60;

export interface ChainWriterOptions {
  readonly segments: SegmentContext;
  readonly base: string;
  /** Number of the last segment. */
  readonly number: number;
  /** Offset, replication id and time at which the stream begins. */
  readonly start: StreamPosition & { readonly atMs: number };
  /** The end of the chain so far; its base may not be complete yet, and nothing is sealed before it is. */
  readonly head: Promise<ChainHead>;
  readonly segmentBytes: number;
  readonly segmentAgeMs: number;
  /** How many bytes may wait for the vault before the source is held back. */
  readonly bufferBytes: number;
  /** Tracks which names a replica has of each graph; a mismatch is a hazard too. */
  readonly schemas?: StreamSchemas;
  /** Inspects each command; what may not replay exactly is written into the manifest. */
  readonly inspect?: (command: StreamCommand) => Hazard | undefined;
  /**
   * The first hazard of the chain so far, in the order of the stream. Every later manifest repeats it, so that the last
   * one suffices.
   */
  readonly hazard?: Hazard;
  /** Called for each new hazard. */
  readonly onHazard?: (hazard: Hazard) => void;
  readonly clock?: Clock;
}

interface OpenSegment {
  readonly from: number;
  readonly queue: ByteQueue;
  /** Set when the writer ends. */
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

  /** Position at which the stream continues: after the last byte received, which may be inside a command. */
  get position(): StreamPosition {
    return { replid: this.#replid, offset: this.#received };
  }

  /** The end of the chain in the vault; undefined while its base is not complete. */
  get sealed(): ChainHead | undefined {
    return this.#sealed;
  }

  /** Bytes received and not in the vault yet. */
  get unsealedBytes(): number {
    return this.#received - (this.#sealed?.offset ?? this.#options.start.offset);
  }

  get queuedBytes(): number {
    return this.#open.queue.queuedBytes;
  }

  /** Accepts the next bytes. Waits while the vault is behind; throws where it failed. */
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

  /** The same stream continues under another replication id. */
  renamed(replid: string, hazard: Hazard): Promise<void> {
    return this.#inTurn(async () => {
      await this.#seal("request");
      this.#replid = replid;
      this.noteHazard(hazard);
    });
  }

  /**
   * Asks the source where its stream ends: all that it had acknowledged before the request lies before that offset. The
   * follower notices a failed connection by itself.
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

  /** Records the hazards found in the names of the graphs. */
  noteSchemas(): void {
    for (const hazard of this.#options.schemas?.take() ?? []) this.noteHazard(hazard);
  }

  get schemas(): StreamSchemas | undefined {
    return this.#options.schemas;
  }

  /** True when nothing can be pushed any more: the vault failed, or the writer was abandoned. */
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
   * Ends the open segment and waits until it is in the vault. With `evenIfEmpty` an empty segment records that nothing
   * came. Returns the end of the chain.
   */
  async seal(reason: SealReason, options: { readonly evenIfEmpty?: boolean } = {}): Promise<ChainHead> {
    await this.#options.head;
    await this.#inTurn(() => this.#seal(reason, options.evenIfEmpty));
    return this.#previous;
  }

  /** Leaves what is in the vault as it is, and discards what is not sealed. */
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
    // A hazard that is found late may concern earlier commands.
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

  /** Runs operations one after the other: a segment must not end in the middle of a push. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(() => {
      if (this.#failure !== undefined) throw this.#failure;
      return work();
    });
    this.#turn = turn.catch(() => {});
    return turn;
  }
}
