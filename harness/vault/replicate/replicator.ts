// Brings a second vault up to a first: once, or again and again (follow.ts). The server is not asked: it was read once,
// for the first vault. Nothing is ever removed from the second one, so what happens to the first, a loss, a prune, a
// thief with its credentials, does not reach it.
import type { PrivateKey } from "openpgp";
import { type Clock, systemClock } from "../../base/clock.ts";
import { DrillError, errorMessage } from "../../base/errors.ts";
import type { Progress } from "../../base/progress.ts";
import { tryAppend } from "../catalogue/append.ts";
import type { CatalogueEvent } from "../catalogue/entry.ts";
import { manifestPath } from "../catalogue/holdings.ts";
import { ChainRecorder } from "../catalogue/record-chain.ts";
import { baseHead, type ChainHead, readLink, readNextSegment, readSegment } from "../chain/segments.ts";
import { BeingRemovedError } from "../locks/vault-lock.ts";
import type { Store } from "../store/store.ts";
import { backupFolder, listBackupIds, readManifestDocument } from "../store/vault.ts";
import { atMostEvery, copyChain } from "./copy-chain.ts";
import { copyPoint, lacksAny } from "./copy-point.ts";
import { carryFaults } from "./carry-faults.ts";
import { forkOf } from "./fork.ts";
import { keepingStore } from "./keeping-store.ts";
import { type Lacking, lackingIn, type LackingIncrements, type Vaults } from "./lacking.ts";
import { type Leases, ReplicaLeases } from "./leases.ts";
import { OwnRemovals } from "./own-removals.ts";
import type { RateLimit } from "../parts/rate-limit.ts";

const listEveryMsDefault = 5000;

/** An archiver that takes over in the second vault holds its lease for longer than that before its first increment. */
const mayWriteEveryMs = 1000;

export interface ReplicatorOptions {
  readonly limit: RateLimit;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  readonly clock?: Clock;
  /** How often a new backup is looked for while the newest chain is followed; 5 s by default. */
  readonly listEveryMs?: number;
}

/** What was copied so far. */
export interface Copied {
  backups: number;
  increments: number;
  objects: number;
  bytes: number;
}

export interface Round extends Pick<Lacking, "onlyThere" | "removedThere"> {
  /** Folders of restore points that had lost a part in the second vault, and have it again. */
  readonly repaired: readonly string[];
  /** What cannot be copied, or is another thing in both: one sentence each. */
  readonly problems: readonly string[];
}

/** The newest moment that the second vault can restore. */
export interface ReplicatedMoment {
  /** ISO 8601. */
  readonly at: string;
  /** From that moment until it could be restored from the second vault. */
  readonly lagMs: number;
}

export class Replicator implements AsyncDisposable {
  readonly copied: Copied = { backups: 0, increments: 0, objects: 0, bytes: 0 };
  readonly #vaults: Vaults;
  readonly #options: ReplicatorOptions;
  readonly #clock: Clock;
  readonly #signer: PrivateKey;
  readonly #recorder: ChainRecorder;
  readonly #removals: OwnRemovals;
  /** What the first vault has ever held. */
  readonly #history: OwnRemovals;
  readonly #leases: ReplicaLeases;
  /** The last increment that the second vault has of the chain that is being followed. */
  #head: ChainHead | undefined;
  /** Backups and chains that could not be copied when both vaults were compared last. */
  #refused: ReadonlySet<string> = new Set();
  #newest: ReplicatedMoment | undefined;
  /** The newest backup of the first vault when both were compared last. */
  #newestSeen = "";
  #listingDueMs = 0;
  #lagMaxMs = 0;

  private constructor(vaults: Vaults, options: ReplicatorOptions, signer: PrivateKey) {
    this.#vaults = { ...vaults, to: keepingStore(vaults.to, (line) => options.progress.note(line)) };
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#signer = signer;
    const context = { store: this.#vaults.to, keyring: vaults.keyring, signer, clock: this.#clock };
    this.#recorder = new ChainRecorder(context, (line) => options.progress.note(line));
    this.#leases = new ReplicaLeases(this.#vaults, this.#clock);
    this.#removals = new OwnRemovals(vaults.to, vaults.keyring);
    this.#history = new OwnRemovals(vaults.from, vaults.keyring);
  }

  static async create(vaults: Vaults, options: ReplicatorOptions): Promise<Replicator> {
    return new Replicator(vaults, options, await vaults.keyring.signer());
  }

  /** The longest lag of what arrived since this was asked last. */
  takeLagMaxMs(): number {
    const lagMs = this.#lagMaxMs;
    this.#lagMaxMs = 0;
    return lagMs;
  }
  get newest(): ReplicatedMoment | undefined {
    return this.#newest;
  }

  /** Copies all that the second vault lacks. One restore point that cannot be copied does not keep the others back. */
  async round(): Promise<Round> {
    const { progress, signal } = this.#options;
    const all = await lackingIn(this.#vaults, () => this.#removals.read());
    const fork = await forkOf(this.#vaults, all, () => this.#history.read());
    const lacking = fork === undefined ? all : { ...all, backups: [], chains: [], inStep: undefined };
    this.#newestSeen = lacking.newest ?? "";
    const problems = [...lacking.problems, ...(fork === undefined ? [] : [fork])];
    const refused = new Set<string>();
    const attempt = async (base: string, work: () => Promise<void>): Promise<void> => {
      signal.throwIfAborted();
      try {
        await work();
      } catch (error) {
        // What a prune removes is not copied, nor continued; the next round sees what is left.
        if (error instanceof BeingRemovedError) {
          refused.add(base);
          progress.note(errorMessage(error));
          return;
        }
        if (!(error instanceof DrillError) || error.exit !== "dataWrong") throw error;
        refused.add(base);
        problems.push(`${base} is not copied any further: ${errorMessage(error)}`);
      }
    };
    const chains = new Map(lacking.chains.map((chain) => [chain.base, chain]));
    for (const id of new Set([...lacking.backups, ...chains.keys()].toSorted().toReversed())) {
      if (lacking.backups.includes(id)) {
        progress.step(`copy ${id}`);
        await attempt(id, () => this.#copyBackup(id));
      }
      const chain = chains.get(id);
      if (chain !== undefined && !refused.has(id)) await attempt(id, () => this.#continueChain(chain));
      // Old backups may take hours, in which the newest chain goes on.
      if (this.#head !== undefined && this.#head.base > id && !refused.has(this.#head.base)) await this.advance();
    }
    const repaired: string[] = [];
    for (const folder of lacking.damaged) {
      await attempt(folder, async () => {
        const { isRepaired, problem } = await this.#repair(folder);
        if (isRepaired) repaired.push(folder);
        if (problem !== undefined) problems.push(problem);
      });
    }
    this.#refused = refused;
    const { inStep } = lacking;
    if (inStep !== undefined) await attempt(inStep.base, () => this.#followFrom(inStep));
    await carryFaults(this.#vaults, lacking.judged, this.#signer, { signal, note: (line) => progress.note(line) });
    return { problems, repaired, onlyThere: lacking.onlyThere, removedThere: lacking.removedThere };
  }

  /** Copies what came to the newest chain since then. False where that needs a round: a new backup, or what is wrong. */
  async advance(): Promise<boolean> {
    if (await this.#hasNewBackup()) return false;
    if (this.#head === undefined || this.#refused.has(this.#head.base)) return true;
    try {
      await this.#copyIncrements(this.#head);
      return true;
    } catch (error) {
      if (!(error instanceof BeingRemovedError || (error instanceof DrillError && error.exit === "dataWrong")))
        throw error;
      this.#refused = new Set([this.#head.base]);
      return false;
    }
  }

  /** A listing costs more than a look for the next increment. */
  async #hasNewBackup(): Promise<boolean> {
    const nowMs = this.#clock.monotonicMs();
    if (nowMs < this.#listingDueMs) return false;
    this.#listingDueMs = nowMs + (this.#options.listEveryMs ?? listEveryMsDefault);
    return ((await listBackupIds(this.#vaults.from)).at(-1) ?? "") > this.#newestSeen;
  }

  /** Where nothing of the newest chain was lacking, it is followed all the same. */
  async #followFrom({ base, number }: { readonly base: string; readonly number: number }): Promise<void> {
    const head = this.#head;
    if (head !== undefined && (head.base > base || (head.base === base && head.number >= number))) return;
    this.#head = await readLink(this.#vaults.from, base, number, this.#vaults.keyring);
  }

  async #copyBackup(id: string): Promise<void> {
    const { from, keyring } = this.#vaults;
    await using leases = await this.#leases.take(id);
    // A prune removed it since the first vault was listed.
    if (!(await has(from, id))) return;
    const { manifest, sha256 } = await readManifestDocument(from, id, keyring);
    await this.#record(() => [{ does: "began", point: id }]);
    const point = { folder: backupFolder(id), does: "backup", parts: manifest.parts, sha256 } as const;
    const why = `replicated from ${from.where}`;
    const recorded = (): Promise<void> => this.#record(() => [{ does: "added", point: id, sha256, why }]);
    if (await copyPoint(this.#run(leases), point, recorded)) this.copied.backups += 1;
    this.#arrived(baseHead(manifest, sha256));
  }

  /** Goes on after the last increment that is there already. */
  async #continueChain({ base, after, last }: LackingIncrements): Promise<void> {
    const { from, keyring } = this.#vaults;
    await this.#leases.on(base);
    if (!(await has(from, base, last))) return;
    const head = await this.#copyIncrements(await readLink(from, base, after, keyring), last);
    if (head.number > after) await this.#recorder.onStored(head, "request");
    if (head.number >= last || !(await has(this.#vaults.to, base, head.number))) return;
    const what = `increment ${head.number + 1} of ${base} is missing in ${from.where}`;
    throw new DrillError(`${what}, and increment ${last} is there`, { exit: "dataWrong", code: "chain-missing" });
  }

  /** Returns the last increment that the second vault has then: at least number `upTo`, where nothing is missing. */
  async #copyIncrements(start: ChainHead, upTo = 0): Promise<ChainHead> {
    const { from, to, keyring } = this.#vaults;
    if ((await readNextSegment(from, start, keyring)) === undefined) return start;
    const leases = await this.#leases.on(start.base);
    // A prune there may have removed what it would be built upon, which no increment follows then.
    const [hasLast, hasBase] = await Promise.all([has(to, start.base, start.number), has(to, start.base)]);
    if (!hasLast || !hasBase) return start;
    const mayReplace = (): Promise<void> => this.#leases.mustBeOnly(leases, start.base);
    const mayWrite = atMostEvery(this.#clock, mayWriteEveryMs, mayReplace);
    return await copyChain({ ...this.#run(leases), mayWrite, mayReplace }, start, keyring, {
      upTo,
      clock: this.#clock,
      recorded: (head) => this.#recorder.onStored(head, "age"),
      onArrived: (head, isNew) => {
        if (isNew) this.copied.increments += 1;
        this.#arrived(head);
      },
    });
  }

  /** The catalogue there has it already. The problem is that of the first vault, where that one had lost something. */
  async #repair(folder: string): Promise<{ readonly isRepaired: boolean; readonly problem?: string }> {
    const { from, to, keyring } = this.#vaults;
    const [, id = "", number] = folder.split("/");
    await using leases = await this.#leases.take(id);
    // A prune removed it since the second vault was listed.
    if (!(await has(to, id, Number(number ?? 0)))) return { isRepaired: false };
    const found =
      number === undefined
        ? await readManifestDocument(from, id, keyring)
        : await readSegment(from, id, Number(number), keyring);
    const sha256 = "head" in found ? found.head.sha256 : found.sha256;
    const { parts } = found.manifest;
    if (!(await lacksAny(to, folder, parts))) {
      const problem = `${folder} in ${from.where} is damaged, and whole in ${to.where}: a part has another size than its manifest says`;
      return { isRepaired: false, problem };
    }
    const does = number === undefined ? "backup" : "segment";
    await copyPoint(this.#run(leases), { folder, does, parts, sha256 }, () => Promise.resolve());
    return { isRepaired: true };
  }

  /** Tells the catalogue of the second vault how far each chain reaches. Call it once at the end. */
  async end(): Promise<void> {
    if (this.#head !== undefined && this.#head.number > 0) await this.#recorder.onStored(this.#head, "request");
    await this.#leases.letGo();
  }

  /** Lets go of what it holds; harmless after `end`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#leases.letGo();
  }

  #arrived(head: ChainHead): void {
    // Of two machines whose clocks differ.
    const lagMs = Math.max(0, this.#clock.nowMs() - Date.parse(head.at));
    this.#lagMaxMs = Math.max(this.#lagMaxMs, lagMs);
    if (this.#newest === undefined || head.at >= this.#newest.at) this.#newest = { at: head.at, lagMs };
    if (this.#head === undefined || head.base >= this.#head.base) this.#head = head;
  }

  #run(leases: Leases): Parameters<typeof copyPoint>[0] {
    const onSent = (bytes: number): void => {
      this.copied.objects += 1;
      this.copied.bytes += bytes;
    };
    const { limit, signal } = this.#options;
    const { from, to } = this.#vaults;
    return { from, to, limit, signal: AbortSignal.any([signal, leases.here.signal, leases.there.signal]), onSent };
  }

  /** A catalogue that cannot be trusted does not keep copies out: the more the worse something is wrong there. */
  async #record(events: () => readonly CatalogueEvent[]): Promise<void> {
    const { to, keyring } = this.#vaults;
    const context = { store: to, keyring, signer: this.#signer, clock: this.#clock };
    const note = await tryAppend(context, events);
    if (note !== undefined) this.#options.progress.note(note);
  }
}

async function has(store: Store, id: string, number = 0): Promise<boolean> {
  return (await store.get(manifestPath(id, number))) !== undefined;
}
