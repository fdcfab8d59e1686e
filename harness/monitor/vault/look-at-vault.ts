// One look at a vault: facts from its objects alone, so that a monitor that was started anew says the same.
import { systemClock } from "../../base/clock.ts";
import { checkVault, type VaultCheck } from "../../vault/catalogue/check-vault.ts";
import { readChain } from "../../vault/chain/segments.ts";
import type { Keyring } from "../../vault/keys/keyring.ts";
import { whyUnusable } from "../../vault/keys/key-use.ts";
import { readLocks, type SeenLock } from "../../vault/locks/lock-entries.ts";
import { Calendar } from "../../vault/retention/calendar.ts";
import { type Inventory, readInventory } from "../../vault/retention/inventory.ts";
import { decideRetention, type RetentionPoint, type RetentionPolicy } from "../../vault/retention/retention.ts";
import { isLockable } from "../../vault/store/layout.ts";
import type { Manifest } from "../../vault/store/manifest.ts";
import type { Store } from "../../vault/store/store.ts";
import { baseOf, numberOf, readManifest } from "../../vault/store/vault.ts";
import { type ArchiveLag, readArchiveLag } from "./archive-lag.ts";
import { CatalogueHistory, type VaultCounters } from "./catalogue-history.ts";
import { type LockFacts, LockMemory } from "./lock-memory.ts";
import { ObjectMemory, type Snapshot } from "./object-memory.ts";
import { type PointRow, pointRows } from "./point-row.ts";
import { type GraphProof, readProven, type ProvenMoments } from "./proven.ts";
import { newestOf, type PointState, unobjected } from "./restorable.ts";
import { RememberingKeyring } from "./remembering-keyring.ts";

const growthMs = 7 * 86_400_000;

export interface MonitoredKey {
  readonly role: string;
  readonly name: string;
  readonly isUsable: boolean;
  readonly expiresMs: number;
}

interface Deletions {
  readonly points: number;
  readonly bytes: number;
}

export interface VaultFacts {
  /** When the look began. */
  readonly atMs: number;
  readonly newestMs: number;
  readonly oldestMs: number;
  readonly anyMomentSinceMs: number;
  readonly newestBackup: Pick<Manifest, "cut" | "storedBytes" | "rawBytes"> | undefined;
  readonly states: Readonly<Record<PointState, number>>;
  readonly problems: readonly string[];
  readonly storedBytes: number;
  readonly growthBytesPerSecond: number;
  readonly proven: ProvenMoments;
  readonly graphs: readonly GraphProof[];
  /** Undefined where no archiver ever sealed an increment. */
  readonly archiveMs: number | undefined;
  /** Undefined without a file of an archiver, and where that is old. */
  readonly archiveLag: ArchiveLag | undefined;
  /** Undefined where the catalogue is absent, or cannot be trusted. */
  readonly counters: VaultCounters | undefined;
  readonly deletions: Deletions | undefined;
  readonly objectLock: LockFacts | undefined;
  /** Locks and leases of commands, with the state of their process. */
  readonly locks: readonly SeenLock[];
  readonly keys: readonly MonitoredKey[];
  /** Newest first. */
  readonly points: readonly PointRow[];
  /** One sentence for each restore point that is damaged or cannot be trusted. */
  readonly damaged: readonly string[];
}

export interface VaultLook {
  readonly facts: VaultFacts;
  readonly store: Snapshot;
  readonly keyring: Keyring;
  readonly inventory: Inventory;
  readonly head: VaultCheck["head"];
}

export interface VaultLookOptions {
  readonly open: () => Promise<Store>;
  readonly keys: string;
  readonly keep?: RetentionPolicy | undefined;
  readonly zone?: string | undefined;
  /** File of `vault archive --metrics`. */
  readonly archiveMetrics?: string | undefined;
}

/** What is remembered makes a look cheaper, and changes nothing that it finds. */
export class VaultWatcher {
  readonly #options: VaultLookOptions;
  readonly #objects = new ObjectMemory();
  readonly #locks = new LockMemory();
  readonly #history = new CatalogueHistory();
  readonly #keyring: RememberingKeyring;

  constructor(options: VaultLookOptions) {
    this.#options = options;
    this.#keyring = new RememberingKeyring(options.keys);
  }

  async look(signal: AbortSignal): Promise<VaultFacts> {
    return (await this.lookClosely(signal)).facts;
  }

  /** With what the facts were found in. */
  async lookClosely(signal: AbortSignal): Promise<VaultLook> {
    const atMs = systemClock.nowMs();
    const keyring = this.#keyring;
    await keyring.reread();
    const store = await this.#objects.snapshot(await this.#options.open(), signal);
    const inventory = await readInventory(store, keyring, signal);
    const { head, problems } = await checkVault({ store, keyring, remembers: false });
    const newestFirst = unobjected(inventory);
    const hazardOf = (base: string): Promise<number> => firstHazard(store, base, keyring);
    const newest = await newestOf(newestFirst, hazardOf);
    const decided = this.#decide(inventory, atMs);
    const kept = new Set(decided?.filter(({ keep }) => keep).map(({ point }) => point.id));
    const neededObjects = [...inventory.points.values()].flatMap(({ point, objects }) =>
      decided === undefined || kept.has(point.id) ? objects.filter(({ path }) => isLockable(path)) : [],
    );
    const { proven, graphs, states, byPoint } = await readProven({ store, keyring, inventory, nowMs: atMs });
    const objectLock = await this.#locks.look(store, neededObjects, signal);
    const facts = {
      atMs,
      newestMs: newest?.atMs ?? 0,
      oldestMs: newestFirst.at(-1)?.atMs ?? 0,
      anyMomentSinceMs: newest === undefined ? 0 : (inventory.points.get(baseOf(newest.id))?.point.atMs ?? 0),
      newestBackup: await newestBackupOf(store, inventory, keyring),
      states,
      problems: problems.map(({ message }) => message),
      storedBytes: store.objects.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
      growthBytesPerSecond: growthOf(inventory, atMs),
      proven,
      graphs,
      archiveMs: archiveEnd(inventory),
      archiveLag: await readArchiveLag(this.#options.archiveMetrics, atMs),
      counters: head === undefined ? undefined : await this.#history.upTo(store, head),
      deletions: decided === undefined ? undefined : deletionsOf(inventory, decided),
      objectLock,
      locks: await readLocks(store, systemClock),
      keys: await this.#keys(),
      points: pointRows(inventory, byPoint, objectLock),
      damaged: inventory.leftAlone,
    };
    return { facts, store, keyring, inventory, head };
  }

  #decide(inventory: Inventory, nowMs: number): ReturnType<typeof decideRetention> | undefined {
    const { keep, zone = "UTC" } = this.#options;
    if (keep === undefined) return undefined;
    const points = Array.from(inventory.points.values(), ({ point }) => point);
    return decideRetention(points, keep, nowMs, new Calendar(zone));
  }

  async #keys(): Promise<readonly MonitoredKey[]> {
    const keys = (await this.#keyring.list()).filter(({ retired }) => retired !== true);
    return await Promise.all(
      keys.map(async ({ role, name, publicKey }) => {
        const until = await publicKey.getExpirationTime();
        const expiresMs = until instanceof Date ? until.getTime() : Number.POSITIVE_INFINITY;
        return { role, name, isUsable: (await whyUnusable(publicKey, role)) === undefined, expiresMs };
      }),
    );
  }
}

/** Number of the first increment that holds a hazard; Infinity where none does. */
async function firstHazard(store: Store, base: string, keyring: RememberingKeyring): Promise<number> {
  try {
    for await (const { manifest } of readChain(store, base, keyring))
      if (manifest.hazards.length > 0) return manifest.number;
  } catch {
    // The inventory holds no restore point from there on, and names the reason.
  }
  return Number.POSITIVE_INFINITY;
}

async function newestBackupOf(
  store: Store,
  { points }: Inventory,
  keyring: RememberingKeyring,
): Promise<VaultFacts["newestBackup"]> {
  const newest = newestPoint(
    [...points.values()].map(({ point }) => point).filter((point) => numberOf(point.id) === 0),
  );
  return newest === undefined ? undefined : await readManifest(store, newest.id, keyring);
}

function newestPoint(points: readonly RetentionPoint[]): RetentionPoint | undefined {
  return points.reduce<RetentionPoint | undefined>(
    (newest, point) => (newest === undefined || point.atMs > newest.atMs ? point : newest),
    undefined,
  );
}

function archiveEnd({ points }: Inventory): number | undefined {
  const sealed = [...points.values()].flatMap(({ point }) => (point.asked ? [] : [point]));
  return newestPoint(sealed)?.atMs;
}

function growthOf({ points }: Inventory, nowMs: number): number {
  const young = [...points.values()].filter(({ point }) => point.atMs > nowMs - growthMs);
  const isWhole = young.length < points.size;
  const firstMs = young.reduce((first, { point }) => Math.min(first, point.atMs), nowMs);
  const spanMs = isWhole ? growthMs : nowMs - firstMs;
  const bytes = young.reduce((sum, point) => sum + point.bytes, 0);
  return spanMs <= 0 ? 0 : bytes / (spanMs / 1000);
}

function deletionsOf({ points }: Inventory, decided: ReturnType<typeof decideRetention>): Deletions {
  const gone = decided.filter(({ keep }) => !keep);
  return { points: gone.length, bytes: gone.reduce((sum, { point }) => sum + (points.get(point.id)?.bytes ?? 0), 0) };
}
