// How an archiver gets a growing chain: it continues one from the vault, or begins one with a full backup.
import { passPoint } from "../../base/process/crash-point.ts";
import { systemClock } from "../../base/clock.ts";
import { errorMessage, usageError } from "../../base/errors.ts";
import { waitFor } from "../../base/wait.ts";
import { NotResumableError } from "../../falkordb/replication/stream-client.ts";
import type { ArchiveOptions } from "./archive-options.ts";
import type { ArchiveSource } from "./archive-source.ts";
import { createBackup, type BackupContext, type BackupCut, type BackupResult } from "../backup/backup.ts";
import { ChainRecorder } from "../catalogue/record-chain.ts";
import { ChainFollower } from "../chain/chain-follower.ts";
import { findChain, schemasAt } from "../chain/chain-head.ts";
import type { HeldLock } from "../locks/held-lock.ts";
import { archiveOf, describeLock, readLocks } from "../locks/lock-entries.ts";
import type { PartWorkers } from "../parts/part-workers.ts";
import type { Hazard } from "../chain/segment-manifest.ts";
import { type ChainHead, readBase, type SegmentContext, segmentFolder, segmentPath } from "../chain/segments.ts";
import { hazardOf } from "../chain/stream-hazards.ts";
import { StreamSchemas } from "../chain/schemas/stream-schemas.ts";
import { removeGarbage } from "../store/garbage.ts";
import { markFinished } from "../store/unfinished.ts";
import { readManifest } from "../store/vault.ts";
import { deleteOrEmpty, type Store } from "../store/store.ts";
import { isLive, useBackups } from "../locks/vault-lock.ts";

const bufferBytesDefault = 16 * 2 ** 20;
const lockTimeoutMs = 3_600_000;
const overlapTimeoutMs = 60_000;

export interface Chain {
  readonly follower: ChainFollower;
  /** Lease that keeps the base from being pruned. */
  readonly lease: HeldLock;
}

interface Start {
  readonly base: string;
  readonly number: number;
  readonly start: { readonly replid: string; readonly offset: number; readonly atMs: number };
  readonly head: Promise<ChainHead>;
  readonly hazards: readonly Hazard[];
  readonly schemas: StreamSchemas;
}

export class Chains {
  readonly #context: BackupContext;
  readonly #options: ArchiveOptions;
  readonly #source: ArchiveSource;
  readonly #segments: Omit<SegmentContext, "mustHold">;
  readonly #onHazard: (hazard: Hazard) => void;
  /** Where the chain ended that cannot be continued, used to report the gap. */
  #ended: { readonly head: ChainHead; readonly why: string } | undefined;

  private constructor(
    context: BackupContext,
    options: ArchiveOptions,
    source: ArchiveSource,
    segments: Omit<SegmentContext, "mustHold">,
    onHazard: (hazard: Hazard) => void,
  ) {
    this.#context = context;
    this.#options = options;
    this.#source = source;
    this.#segments = segments;
    this.#onHazard = onHazard;
  }

  static async open(
    context: BackupContext,
    options: ArchiveOptions,
    source: ArchiveSource,
    workers: PartWorkers,
    onHazard: (hazard: Hazard) => void,
  ): Promise<Chains> {
    const { store, keyring, profile } = context;
    // Keys first: an archive that cannot be encrypted or signed must not disturb the source at all.
    const signer = await keyring.signer();
    const recipients = await keyring.recipients(profile);
    await refuseSecond(store, archiveOf(source.name));
    const signal = new AbortController().signal;
    const clock = context.clock ?? systemClock;
    const recorder = new ChainRecorder({ store, keyring, signer, clock }, (line) => options.progress.note(line));
    const onStored: SegmentContext["onStored"] = (head, sealed) => recorder.onStored(head, sealed);
    const segments = { store, workers, profile, recipients, signer, signal, onStored };
    return new Chains(context, options, source, segments, onHazard);
  }

  /** Continues the chain that reaches furthest; undefined where the server can continue none. */
  async resumeExisting(): Promise<Chain | undefined> {
    const { store, keyring } = this.#context;
    const connection = await this.#source.connection();
    const { found, ended } = await findChain(connection, store, keyring);
    this.#ended = ended;
    if (found === undefined) return undefined;
    const { head, hazards } = found;
    const schemas = await schemasAt(found, store, keyring);
    const lease = await this.#leaseOn(head.base);
    // Before the follower, which begins the next segment at once.
    await removeLeft(store, head, lease).catch(async (error: unknown) => {
      await lease[Symbol.asyncDispose]();
      throw error;
    });
    const chain = this.#follow(startOf(head, hazards, schemas), lease);
    try {
      await chain.follower.attach(connection);
      passPoint("chain/followed");
    } catch (error) {
      await this.#giveUp(chain, error);
      if (!(error instanceof NotResumableError)) throw error;
      this.#ended = { head, why: error.why };
      return undefined;
    }
    this.#options.progress.note(`continuing ${head.base} after segment ${head.number}, at offset ${head.offset}`);
    const [first] = hazards;
    if (first !== undefined) this.#onHazard(first);
    return chain;
  }

  /** Why no chain could be continued. */
  get whyNot(): string {
    return this.#ended?.why ?? "the vault holds no backup yet";
  }

  /**
   * Starts a chain with a new full backup. The stream is followed from its cut on while the backup is still being made.
   * `old` is the chain that is followed until then: it is sealed up to that cut before the backup exists, as the next run
   * goes on with the newest one, and would leave a gap before it.
   */
  async startNew(why: string | undefined, signal: AbortSignal, old?: Chain): Promise<Chain> {
    const { source, coordinator, progress } = this.#options;
    progress.note(`new full backup: ${why ?? this.whyNot}`);
    const cutTaken = Promise.withResolvers<BackupCut>();
    const beforeManifest = async (): Promise<void> => {
      if (old !== undefined) await this.#sealUpTo((await cutTaken.promise).offset, old, signal);
    };
    const context = { ...this.#context, lockTimeoutMs, onCut: cutTaken.resolve, beforeManifest };
    // A chain that cannot be followed needs no base: the backup is aborted too, and has ended before the next attempt.
    const given = new AbortController();
    const made = createBackup(context, {
      source,
      coordinator,
      progress,
      signal: AbortSignal.any([signal, given.signal]),
    });
    made.catch(cutTaken.reject);
    const cut = await cutTaken.promise;
    try {
      return await this.#followNew(cut, made);
    } catch (error) {
      given.abort(error);
      await made.catch(() => {});
      throw error;
    }
  }

  async #followNew(cut: BackupCut, made: Promise<BackupResult>): Promise<Chain> {
    const { store, keyring } = this.#context;
    const schemas = new StreamSchemas(cut.offset);
    const head = made.then(async ({ point }) => {
      schemas.begin((await readManifest(store, point.id, keyring)).content);
      return readBase(store, point.id, keyring);
    });
    head.catch(() => {});
    const start = { base: cut.id, number: 0, start: cut, head, hazards: [], schemas };
    const chain = this.#follow(start, await this.#leaseOn(cut.id));
    try {
      await chain.follower.attach(await this.#source.connection());
      await head;
      this.#tellGap(cut);
      this.#options.progress.note(`chain ${cut.id} begins at offset ${cut.offset}`);
      return chain;
    } catch (error) {
      await this.#giveUp(chain, error);
      throw error;
    }
  }

  /** Reconnects the same chain: from the last byte received where the vault works, else from the last one sealed. */
  async reattach(chain: Chain, signal: AbortSignal): Promise<Chain> {
    const connection = await this.#source.connection();
    if (!chain.follower.chain.isOver) {
      try {
        await chain.follower.attach(connection);
        return chain;
      } catch (error) {
        if (!(error instanceof NotResumableError)) throw error;
        await chain.follower.stop("request");
      }
    }
    await chain.follower.abandon(new Error("the vault failed"));
    const next = (await this.resumeExisting()) ?? (await this.startNew(undefined, signal));
    await chain.lease[Symbol.asyncDispose]();
    return next;
  }

  /** Stops a chain that reaches beyond the cut of the next one. */
  async end({ follower, lease }: Chain): Promise<void> {
    try {
      const head = await follower.stop("request");
      this.#options.progress.note(`chain ${head.base} ends at offset ${head.offset} with segment ${head.number}`);
    } catch (error) {
      this.#mayGap(error);
      await follower.abandon(error);
    } finally {
      await lease[Symbol.asyncDispose]();
    }
  }

  /** A failure there is reported as a gap and does not stop the archive. */
  async #sealUpTo(offset: number, { follower }: Chain, signal: AbortSignal): Promise<void> {
    const reached = (): true | undefined => (follower.chain.position.offset >= offset ? true : undefined);
    const what = `the chain ${follower.base} to reach the cut of the next one`;
    const wait = waitFor(reached, { what, timeoutMs: overlapTimeoutMs, signal, exit: "environment" });
    wait.catch(() => {});
    // It may have failed already; then nothing more comes.
    const broken = follower.ended.then(() => new Promise<never>(() => {}));
    try {
      await Promise.race([wait, broken]);
      await follower.chain.seal("request");
    } catch (error) {
      signal.throwIfAborted();
      this.#mayGap(error);
    }
  }

  #mayGap(error: unknown): void {
    this.#options.progress.note(`there may be a gap before the new full backup: ${errorMessage(error)}`);
  }

  #leaseOn(base: string): Promise<HeldLock> {
    return useBackups(this.#context.store, archiveOf(this.#source.name), [base]);
  }

  #follow({ hazards, ...place }: Start, lease: HeldLock): Chain {
    const { segmentBytes, segmentAgeMs, bufferBytes = bufferBytesDefault, source } = this.#options;
    const follower = new ChainFollower({
      ...place,
      ...(hazards[0] === undefined ? {} : { hazard: hazards[0] }),
      segments: { ...this.#segments, mustHold: () => lease.mustHold() },
      segmentBytes,
      segmentAgeMs,
      bufferBytes,
      endpoint: source.endpoint,
      inspect: hazardOf,
      onHazard: this.#onHazard,
      ...(this.#context.clock === undefined ? {} : { clock: this.#context.clock }),
    });
    return { follower, lease };
  }

  async #giveUp(chain: Chain, error: unknown): Promise<void> {
    await chain.follower.abandon(error);
    await chain.lease[Symbol.asyncDispose]();
  }

  #tellGap(cut: BackupCut): void {
    const ended = this.#ended;
    this.#ended = undefined;
    if (ended === undefined) return;
    const { head } = ended;
    this.#options.progress.note(
      `GAP: no moment between ${head.at} (offset ${head.offset} of ${head.base}) and ` +
        `${new Date(cut.atMs).toISOString()} (the cut of ${cut.id}) can be restored`,
    );
  }
}

/** Removes what an unclean run left of its last segments; the next one of that number would be mixed with it. */
async function removeLeft(store: Store, { base, number }: ChainHead, lease: HeldLock): Promise<void> {
  if (number > 0) await markFinished(store, segmentFolder(base, number));
  const unfinished = (await store.listUnfinished()).filter(({ path }) => path.startsWith(`segments/${base}/`));
  const next = await store.list(segmentPath(base, number + 1, ""));
  const emptying = { ...store, delete: (path: string) => deleteOrEmpty(store, path) };
  await removeGarbage(emptying, lease, [...next, ...unfinished]);
}

/** Two archivers would restore each other's settings, and store everything twice. */
async function refuseSecond(store: Store, does: string): Promise<void> {
  const other = (await readLocks(store, systemClock)).find(
    ({ entry, ownerState }) => isLive(ownerState) && entry?.does === does,
  );
  if (other !== undefined)
    throw usageError(`${store.where} has an archiver already: ${describeLock(other)}`, "One is enough; end that one.");
}

function startOf(head: ChainHead, hazards: readonly Hazard[], schemas: StreamSchemas): Start {
  const { base, number, replid, offset, at } = head;
  return {
    base,
    number,
    start: { replid, offset, atMs: Date.parse(at) },
    head: Promise.resolve(head),
    hazards,
    schemas,
  };
}
