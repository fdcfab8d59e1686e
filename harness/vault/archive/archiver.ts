// The archiver: keeps a chain of the source in the vault for as long as it runs. It continues where the last run ended;
// a lost connection is resumed from the last byte received. Where the server cannot continue the stream, or the stream
// held something that may not replay exactly, it makes a new full backup and reports that.
import { passPoint } from "../../base/process/crash-point.ts";
import { type Clock, systemClock } from "../../base/clock.ts";
import { DrillError, errorMessage } from "../../base/errors.ts";
import { startTimer } from "../../base/timer.ts";
import { waitFor } from "../../base/wait.ts";
import { streamOffset } from "../../falkordb/client/stream-offset.ts";
import type { ArchiveOptions } from "./archive-options.ts";
import { archiveSettings, backlogBytesDefault } from "./archive-settings.ts";
import { ArchiveSource } from "./archive-source.ts";
import { BackgroundProof, type ProofStatus } from "./background-proof.ts";
import { ArchiveBeat } from "./archive-beat.ts";
import type { BackupContext } from "../backup/backup.ts";
import { type Chain, Chains } from "./chains.ts";
import { SchemaCheck } from "./confirm-schemas.ts";
import { HazardBuffer } from "./hazard-buffer.ts";
import { keepTrying } from "./keep-trying.ts";
import { PartWorkers } from "../parts/part-workers.ts";
import type { Hazard } from "../chain/segment-manifest.ts";
import type { ChainHead } from "../chain/segments.ts";

const giveUpMsDefault = 3_600_000;
const flushTimeoutMs = 600_000;
const catchUpTimeoutMs = 5000;
/**
 * Minimum time between two full backups caused by hazards, so that a source with constant hazards is not overloaded.
 */
const rebaseMinMsDefault = 60_000;
const hazardous = "the chain holds something that may not replay exactly";

export class ReferenceArchiver implements AsyncDisposable {
  readonly ended: Promise<void>;
  readonly #options: ArchiveOptions;
  readonly #clock: Clock;
  readonly #source: ArchiveSource;
  readonly #chains: Chains;
  readonly #resources: AsyncDisposableStack;
  readonly #stop = new AbortController();
  /** Aborted by `stop`, or by the caller that started it. */
  readonly #stopping: AbortSignal;
  readonly #check: SchemaCheck;
  #chain: Chain;
  readonly #proof: BackgroundProof | undefined;
  /** Resolves with the reason for a new full backup. */
  #rebaseDue = Promise.withResolvers<{ readonly why: string }>();
  #rebasedAtMs = Number.NEGATIVE_INFINITY;
  #isGivenUp = false;

  private constructor(
    context: BackupContext,
    options: ArchiveOptions,
    clock: Clock,
    source: ArchiveSource,
    chains: Chains,
    chain: Chain,
    resources: AsyncDisposableStack,
  ) {
    this.#options = options;
    this.#clock = clock;
    this.#source = source;
    this.#chains = chains;
    this.#chain = chain;
    this.#resources = resources;
    this.#check = new SchemaCheck(source, (line) => options.progress.note(line));
    this.#stopping = AbortSignal.any([options.signal, this.#stop.signal]);
    this.#proof = this.#startProofs(context);
    this.ended = this.#work();
    this.ended.catch(() => {});
  }

  /** Resolves when the chain exists and grows: at once where it continues, after a full backup where it does not. */
  static async start(context: BackupContext, options: ArchiveOptions): Promise<ReferenceArchiver> {
    const { clock = systemClock } = context;
    const { source: engine, progress, backlogBytes = backlogBytesDefault } = options;
    const note = (line: string): void => progress.note(line);
    await using resources = new AsyncDisposableStack();
    const workers = resources.use(new PartWorkers());
    const { endpoint } = engine;
    const [settings, { signal }] = [archiveSettings(backlogBytes), options];
    const source = resources.use(new ArchiveSource({ endpoint, store: context.store, settings, note, signal }));
    const hazards = new HazardBuffer();
    const chains = await Chains.open(context, options, source, workers, (hazard) => hazards.push(hazard));
    const chain = (await chains.resumeExisting()) ?? (await chains.startNew(undefined, options.signal));
    const archiver = new ReferenceArchiver(context, options, clock, source, chains, chain, resources.move());
    hazards.subscribe((hazard) => archiver.#answer(hazard));
    passPoint("archive/started");
    return archiver;
  }

  get base(): string {
    return this.#chain.follower.base;
  }

  /** What the proofs of this run have found; undefined where none were requested. */
  get proof(): ProofStatus | undefined {
    return this.#proof?.status;
  }

  /** How far the chain reaches in the vault. */
  get sealed(): ChainHead | undefined {
    return this.#chain.follower.chain.sealed;
  }

  /** Requests a new full backup, soon. */
  #answer(hazard: Hazard): void {
    const graph = hazard.graph === undefined ? "" : ` in graph "${hazard.graph}"`;
    this.#options.progress.note(`hazard${graph} at offset ${hazard.offset}: ${hazard.message}`);
    this.#rebaseSoon(hazardous);
  }

  #startProofs(context: BackupContext): BackgroundProof | undefined {
    const { prove, progress, source } = this.#options;
    if (prove === undefined) return undefined;
    return new BackgroundProof(context, {
      ...prove,
      source,
      followed: () => ({ base: this.base, chain: this.#chain.follower.chain }),
      note: (line) => progress.note(line),
      onWrong: ({ base, offset, problems }) => {
        progress.note(`WRONG: the chain of ${base} does not give what the source held at offset ${offset}:`);
        for (const problem of problems) progress.note(`  ${problem}`);
        if (base === this.base) this.#rebaseSoon("a proof found the chain to be wrong");
      },
      signal: this.#stopping,
    });
  }

  #rebaseSoon(why: string): void {
    const { rebaseMinMs = rebaseMinMsDefault } = this.#options;
    const waitMs = Math.max(0, this.#rebasedAtMs + rebaseMinMs - this.#clock.monotonicMs());
    const { resolve } = this.#rebaseDue;
    startTimer(waitMs, () => resolve({ why }));
  }

  async flush(): Promise<{ readonly offset: number; readonly at: string }> {
    const offset = await this.#catchUp(flushTimeoutMs, this.#stopping);
    await this.#check.all(this.#chain.follower.chain, this.#stopping);
    const { offset: to, at } = await this.#chain.follower.chain.seal("request");
    if (to < offset) throw new DrillError(`the archive was sealed at ${to}, before ${offset}`, { exit: "internal" });
    return { offset: to, at };
  }

  /** Waits until all is received that the source had when this was called; gives that offset. */
  async #catchUp(timeoutMs: number, signal: AbortSignal): Promise<number> {
    const connection = await this.#source.connection();
    const offset = await streamOffset(connection);
    const what = `the archive to reach offset ${offset}`;
    const reached = (): true | undefined => (this.#chain.follower.chain.position.offset >= offset ? true : undefined);
    await waitFor(reached, { what, timeoutMs, intervalMs: 2, signal, exit: "environment" });
    return offset;
  }

  async stop(): Promise<void> {
    this.#stop.abort(new Error("the archiver was stopped"));
    await this.ended;
  }

  /** Stops without sealing or reporting, unless `stop` was called before: then it ends in good order. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#stopping.aborted) {
      this.#isGivenUp = true;
      await this.#chain.follower.abandon(new Error("the archiver was abandoned"));
      this.#stop.abort(new Error("the archiver was abandoned"));
    }
    await this.ended.catch(() => {});
  }

  async #work(): Promise<void> {
    try {
      using _beat = this.#startBeat();
      await this.#follow();
      const { follower } = this.#chain;
      // What a failed vault does not hold is fetched by the next run from where this chain ends.
      if (follower.chain.isOver || this.#isGivenUp) return;
      passPoint("archive/stopping");
      await this.#takeLast();
      await follower.stop("shutdown");
    } finally {
      await this.#proof?.[Symbol.asyncDispose]();
      // Does nothing after an orderly end; otherwise the follower would run as long as the process.
      await this.#chain.follower.abandon(new Error("the archiver has ended"));
      await this.#chain.lease[Symbol.asyncDispose]();
      await this.#resources.disposeAsync();
    }
  }

  #startBeat(): ArchiveBeat {
    const { progress, onStatus } = this.#options;
    return new ArchiveBeat({
      source: this.#source,
      check: this.#check,
      clock: this.#clock,
      followed: () => ({ base: this.base, chain: this.#chain.follower.chain }),
      proof: () => this.#proof?.status,
      note: (line) => progress.note(line),
      onStatus,
      signal: this.#stopping,
    });
  }

  /** Follows the source until it is stopped. */
  async #follow(): Promise<void> {
    const stopped = abortOf(this.#stopping);
    for (;;) {
      const lost = this.#chain.follower.ended.then(
        () => "stop" as const,
        (error: unknown) => ({ error }),
      );
      const { signal } = this.#chain.lease;
      const taken = abortOf(signal).then(() => ({ error: signal.reason as unknown }));
      const event = await Promise.race([stopped, lost, taken, this.#rebaseDue.promise]);
      if (event === "stop") return;
      // Whoever removed the lease may follow the chain now.
      if (signal.aborted) throw signal.reason;
      this.#proof?.hold();
      await ("why" in event ? this.#rebase(event.why) : this.#recover(event.error)).catch((error: unknown) => {
        if (!this.#stopping.aborted) throw error;
      });
      if (this.#stopping.aborted) return;
      this.#proof?.resume();
    }
  }

  /** A source that is gone or too fast must not prevent the end. */
  async #takeLast(): Promise<void> {
    // The main signal is aborted already; these steps have deadlines of their own.
    const { signal } = new AbortController();
    const caughtUp = this.#catchUp(catchUpTimeoutMs, signal).then(() =>
      this.#check.all(this.#chain.follower.chain, signal),
    );
    await caughtUp.catch((error: unknown) => {
      this.#options.progress.note(`the last writes may be left to the next archive: ${errorMessage(error)}`);
    });
  }

  /**
   * The old chain continues until the new one has begun, so that no moment between them is lost; also while retrying
   * because the server cannot fork now or the vault is full.
   */
  async #rebase(why: string): Promise<void> {
    this.#rebasedAtMs = this.#clock.monotonicMs();
    this.#rebaseDue = Promise.withResolvers();
    const old = this.#chain;
    await this.#again(`a new full backup of ${this.#source.name}`, async () => {
      this.#chain = await this.#chains.startNew(why, this.#stopping, old);
    });
    await this.#chains.end(old);
    // Hazards of the old chain are resolved by the new base; one of the new chain is not.
    this.#rebaseDue = Promise.withResolvers();
    if (this.#chain.follower.chain.hasHazard) this.#rebaseSoon(hazardous);
  }

  /** Continues after a failed connection or vault: from the last byte received, or from the last one sealed. */
  async #recover(error: unknown): Promise<void> {
    const { progress } = this.#options;
    progress.note(`the archive was interrupted: ${errorMessage(error)}; it continues as soon as possible`);
    await this.#again(`the archive of ${this.#source.name} to continue`, async () => {
      this.#chain = await this.#chains.reattach(this.#chain, this.#stopping);
    });
    progress.note("the archive continues");
  }

  async #again(what: string, work: () => Promise<void>): Promise<void> {
    const { giveUpMs = giveUpMsDefault, progress } = this.#options;
    const note = (line: string): void => progress.note(line);
    await keepTrying(what, work, { giveUpMs, clock: this.#clock, signal: this.#stopping, note });
  }
}

/** Resolves when the signal is aborted, at once where it was aborted before. */
function abortOf(signal: AbortSignal): Promise<"stop"> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve("stop");
    signal.addEventListener("abort", () => resolve("stop"), { once: true });
  });
}
