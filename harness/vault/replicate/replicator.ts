// Brings a second vault up to a first: once, or again and again (follow.ts). The server is not asked: it was read once,
// for the first vault. Nothing is ever removed from the second one, so what happens to the first, a loss, a prune, a
// thief with its credentials, does not reach it.
import type { PrivateKey } from "openpgp";
import { type Clock, systemClock } from "../../base/clock.ts";
import { DrillError, environmentError, errorMessage } from "../../base/errors.ts";
import type { Progress } from "../../base/progress.ts";
import { tryAppend } from "../catalogue/append.ts";
import type { CatalogueEvent } from "../catalogue/entry.ts";
import { ChainRecorder } from "../catalogue/record-chain.ts";
import { type ChainHead, readBase, readNextSegment, readSegment, segmentFolder } from "../chain/segments.ts";
import type { HeldLock } from "../locks/held-lock.ts";
import { isLive, useBackups } from "../locks/vault-lock.ts";
import { type Store, StoreError } from "../store/store.ts";
import { backupFolder, readManifestDocument } from "../store/vault.ts";
import { copyPoint } from "./copy-point.ts";
import { carryFaults } from "./carry-faults.ts";
import { type Lacking, lackingIn, type LackingIncrements, type Vaults } from "./lacking.ts";
import type { RateLimit } from "./rate-limit.ts";

export interface ReplicatorOptions {
  readonly limit: RateLimit;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  readonly clock?: Clock;
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

export class Replicator {
  readonly copied: Copied = { backups: 0, increments: 0, objects: 0, bytes: 0 };
  readonly #vaults: Vaults;
  readonly #options: ReplicatorOptions;
  readonly #clock: Clock;
  readonly #signer: PrivateKey;
  readonly #recorder: ChainRecorder;
  /** The last increment that the second vault has of the chain that is being followed. */
  #head: ChainHead | undefined;
  #newest: ReplicatedMoment | undefined;

  private constructor(vaults: Vaults, options: ReplicatorOptions, signer: PrivateKey) {
    this.#vaults = { ...vaults, to: keepingStore(vaults.to, (line) => options.progress.note(line)) };
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#signer = signer;
    const context = { store: this.#vaults.to, keyring: vaults.keyring, signer, clock: this.#clock };
    this.#recorder = new ChainRecorder(context, (line) => options.progress.note(line));
  }

  static async create(vaults: Vaults, options: ReplicatorOptions): Promise<Replicator> {
    return new Replicator(vaults, options, await vaults.keyring.signer());
  }

  get newest(): ReplicatedMoment | undefined {
    return this.#newest;
  }

  /** Copies all that the second vault lacks. One restore point that cannot be copied does not keep the others back. */
  async round(): Promise<Round> {
    const { progress, signal } = this.#options;
    const lacking = await lackingIn(this.#vaults);
    const problems = [...lacking.diverged];
    const refused = new Set<string>();
    const attempt = async (base: string, work: () => Promise<void>): Promise<void> => {
      signal.throwIfAborted();
      try {
        await work();
      } catch (error) {
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
      if (chain !== undefined && !refused.has(id)) await attempt(id, () => this.#goOn(chain));
    }
    const repaired: string[] = [];
    for (const folder of lacking.damaged) {
      await attempt(folder, async () => {
        await this.#repair(folder);
        repaired.push(folder);
      });
    }
    await carryFaults(this.#vaults, this.#signer, signal);
    return { problems, repaired, onlyThere: lacking.onlyThere, removedThere: lacking.removedThere };
  }

  /** Copies what came to the newest chain since then. */
  async advance(): Promise<void> {
    if (this.#head !== undefined) await this.#copyIncrements(this.#head);
  }

  async #copyBackup(id: string): Promise<void> {
    const { from, keyring } = this.#vaults;
    await using leases = await this.#lease(id);
    const { manifest, sha256 } = await readManifestDocument(from, id, keyring);
    await this.#record(() => [{ does: "began", point: id }]);
    const point = { folder: backupFolder(id), does: "backup", parts: manifest.parts, sha256 } as const;
    const why = `replicated from ${from.where}`;
    await copyPoint(this.#run(leases), point, () => this.#record(() => [{ does: "added", point: id, sha256, why }]));
    this.copied.backups += 1;
    this.#arrived(await readBase(from, id, keyring));
  }

  /** Goes on after the last increment that is there already. */
  async #goOn({ base, after, last }: LackingIncrements): Promise<void> {
    const { from, keyring } = this.#vaults;
    const start =
      after === 0 ? await readBase(from, base, keyring) : (await readSegment(from, base, after, keyring)).head;
    const { number } = await this.#copyIncrements(start);
    if (number >= last) return;
    const message = `increment ${number + 1} of ${base} is missing in ${from.where}, and increment ${last} is there`;
    throw new DrillError(message, { exit: "dataWrong", code: "chain-missing" });
  }

  /** Returns the last increment that the second vault has then. */
  async #copyIncrements(start: ChainHead): Promise<ChainHead> {
    const { from, keyring } = this.#vaults;
    let next = await readNextSegment(from, start, keyring);
    if (next === undefined) return start;
    await using leases = await this.#lease(start.base);
    await this.#mustBeOnly(leases.there, start.base);
    let head = start;
    for (; next !== undefined; next = await readNextSegment(from, head, keyring)) {
      const { manifest } = next;
      head = next.head;
      const folder = segmentFolder(head.base, head.number);
      const point = { folder, does: "segment", parts: manifest.parts, sha256: head.sha256 } as const;
      await copyPoint(this.#run(leases), point, () => this.#recorder.onStored(head, "age"));
      this.copied.increments += 1;
      this.#arrived(head);
    }
    return head;
  }

  /** The catalogue there has it already. */
  async #repair(folder: string): Promise<void> {
    const { from, keyring } = this.#vaults;
    const [, id = "", number] = folder.split("/");
    await using leases = await this.#lease(id);
    const found =
      number === undefined
        ? await readManifestDocument(from, id, keyring)
        : await readSegment(from, id, Number(number), keyring);
    const sha256 = "head" in found ? found.head.sha256 : found.sha256;
    const does = number === undefined ? "backup" : "segment";
    const point = { folder, does, parts: found.manifest.parts, sha256 } as const;
    await copyPoint(this.#run(leases), point, () => Promise.resolve());
  }

  /** Tells the catalogue of the second vault how far each chain reaches. Call it once at the end. */
  async end(): Promise<void> {
    if (this.#head !== undefined && this.#head.number > 0) await this.#recorder.onStored(this.#head, "request");
  }

  #arrived(head: ChainHead): void {
    const lagMs = this.#clock.nowMs() - Date.parse(head.at);
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

  /** No prune of either vault removes it meanwhile. */
  async #lease(id: string): Promise<Leases> {
    const { from, to } = this.#vaults;
    await using taken = new AsyncDisposableStack();
    const here = taken.use(await useBackups(from, "replicate", [id], { clock: this.#clock }));
    const there = taken.use(await useBackups(to, "replicate", [id], { clock: this.#clock }));
    const held = taken.move();
    return { here, there, [Symbol.asyncDispose]: () => held.disposeAsync() };
  }

  /** After a failover the second vault is the first one, and an archiver goes on with its chains. */
  async #mustBeOnly(lease: HeldLock, base: string): Promise<void> {
    const writes = ({ does, uses }: { readonly does: string; readonly uses: readonly string[] }): boolean =>
      uses.includes(base) && does.startsWith("archive");
    const other = (await lease.others()).find(
      ({ life, entry }) => isLive(life) && entry !== undefined && writes(entry),
    );
    if (other?.entry === undefined) return;
    throw environmentError(
      `${this.#vaults.to.where} gets increments of ${base} from another process: ${other.entry.does}`,
      "A chain has one writer. End that process, or replicate in the other direction.",
    );
  }

  /** A catalogue that cannot be trusted does not keep copies out: the more the worse something is wrong there. */
  async #record(events: () => readonly CatalogueEvent[]): Promise<void> {
    const { to, keyring } = this.#vaults;
    const context = { store: to, keyring, signer: this.#signer, clock: this.#clock };
    const note = await tryAppend(context, events);
    if (note !== undefined) this.#options.progress.note(note);
  }
}

/**
 * Credentials that cannot delete are the best ones for a second vault. What a run would remove at its end, its lease and
 * its marks of unfinished work, expires there or is removed by the next prune.
 */
function keepingStore(store: Store, note: (line: string) => void): Store {
  let isTold = false;
  return {
    ...store,
    delete: async (path) => {
      try {
        await store.delete(path);
      } catch (error) {
        if (!(error instanceof StoreError) || error.code !== "read-only") throw error;
        if (!isTold) note(`${store.where} lets nothing be removed: marks of this run stay until a prune there`);
        isTold = true;
      }
    },
  };
}

interface Leases extends AsyncDisposable {
  readonly here: HeldLock;
  readonly there: HeldLock;
}
