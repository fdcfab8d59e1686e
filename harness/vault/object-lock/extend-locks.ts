// Renews the object lock of everything that a restore still needs. It is made for credentials that a backup host does not
// have: they list, read and extend, and neither write nor delete. So it takes no lock of the vault; what a prune removes
// meanwhile is gone, or stays for one more lock.
import { DrillError, usageError } from "../../base/errors.ts";
import type { Progress } from "../../base/progress.ts";
import { catalogueFolder } from "../catalogue/entry.ts";
import { mustKnowAnEnd } from "../catalogue/check-vault.ts";
import { holdingsOf } from "../catalogue/holdings.ts";
import { readMemory } from "../catalogue/memory.ts";
import { readCatalogue } from "../catalogue/read-catalogue.ts";
import type { Keyring } from "../keys/keyring.ts";
import { Calendar } from "../retention/calendar.ts";
import { type Inventory, readInventory } from "../retention/inventory.ts";
import { lockRequestsMax } from "../retention/object-locks.ts";
import { mustSayWhatToKeep } from "../retention/prune.ts";
import { decideRetention, type RetentionPolicy } from "../retention/retention.ts";
import { inParallel } from "../parts/in-parallel.ts";
import { markerPath } from "../store/layout.ts";
import { isAtLeast, type ObjectLocks, type Store, type StoredVersion, StoreError } from "../store/store.ts";
import { mustLockObjects } from "../store/vault.ts";
import { type NeededVersions, neededVersions } from "./needed-versions.ts";
import { checkTimes, type Extension, planRenewal, type RenewalTimes, type LockedVersion } from "./renewal.ts";

/** Credentials that were refused so often, and never allowed, may not do it at all. */
const refusalsMax = 50;

export interface ExtendOptions {
  /** What they do not keep is not renewed, so that a prune can remove it when its lock ends. */
  readonly rules: RetentionPolicy;
  readonly zone: string;
  readonly times: RenewalTimes;
  /** Reports what would be done, and locks nothing. */
  readonly dryRun: boolean;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

interface RefusedExtension {
  readonly path: string;
  readonly versionId: string;
  readonly why: string;
}

export interface ExtendedLocks {
  /** Versions of objects that a restore needs, and those of them whose lock was extended. */
  readonly needed: number;
  readonly extended: number;
  /** Restore points that no rule keeps, whose locks are left to end. */
  readonly leftToEnd: readonly string[];
  /** End of the first lock that ends of what is needed, ISO 8601; null where something needed is not locked. */
  readonly until: string | null;
  /** Paths whose lock ended within one period, or had ended, before this run. */
  readonly late: readonly string[];
  /** Paths that had no lock although this vault locks what it writes. */
  readonly unlocked: readonly string[];
  /** Paths that are hidden by a delete marker, and that the vault did not remove. */
  readonly hidden: readonly string[];
  readonly refused: readonly RefusedExtension[];
}

interface ExtendContext {
  readonly store: Store;
  readonly keyring: Keyring;
}

export async function extendLocks({ store, keyring }: ExtendContext, options: ExtendOptions): Promise<ExtendedLocks> {
  const { rules, times, dryRun, progress, signal } = options;
  mustSayWhatToKeep(rules);
  checkTimes(times);
  await mustLockObjects(store);
  const locks = store.objectLocks;
  if (locks === undefined) throw usageError(`${store.where} cannot lock objects`);
  progress.step("look at what is there");
  const inventory = await readInventory(store, keyring, signal);
  if (inventory.points.size === 0 && (await readMemory(keyring, store.where)) === undefined)
    await mustKnowAnEnd(store, keyring, await holdingsOf(store));
  const removable = removableOf(inventory, options, locks.nowMs());
  const needed = await neededNow({ store, keyring }, locks, inventory, removable);
  const seen = await locksOfVersions(locks, needed.versions, signal);
  const { extend, late, unlocked } = planRenewal(seen, times, locks.nowMs());
  progress.step("extend");
  const refused = dryRun ? [] : await extendAll(locks, extend, signal);
  const isRefused = new Set(refused.map(({ path, versionId }) => `${path} ${versionId}`));
  const done = new Map(dryRun ? [] : extend.map((one) => [one.version, one.untilMs]));
  const ends = seen.map(({ version, lock }) =>
    isRefused.has(`${version.path} ${version.versionId}`) ? lock.untilMs : (done.get(version) ?? lock.untilMs),
  );
  const firstEndMs = ends.reduce((first, end) => Math.min(first, end), Number.POSITIVE_INFINITY);
  return {
    needed: seen.length,
    extended: extend.length - refused.length,
    leftToEnd: [...removable],
    until: firstEndMs > 0 && Number.isFinite(firstEndMs) ? new Date(firstEndMs).toISOString() : null,
    late: pathsOf(late),
    unlocked: locks.rule === undefined ? [] : pathsOf(unlocked),
    hidden: needed.hidden,
    refused,
  };
}

function pathsOf(versions: readonly StoredVersion[]): readonly string[] {
  return versions.map(({ path }) => path);
}

/** Folders of the restore points that the next prune with these rules would remove if they were not locked. */
function removableOf({ points }: Inventory, { rules, zone }: ExtendOptions, nowMs: number): ReadonlySet<string> {
  const all = Array.from(points.values(), ({ point }) => point);
  const decisions = decideRetention(all, rules, nowMs, new Calendar(zone));
  return new Set(decisions.flatMap(({ point, keep }) => (keep ? [] : (points.get(point.id)?.folder ?? []))));
}

async function neededNow(
  context: ExtendContext,
  locks: ObjectLocks,
  { points }: Inventory,
  removable: ReadonlySet<string>,
): Promise<NeededVersions> {
  const prefixes = ["backups/", "segments/", `${catalogueFolder}/`, markerPath];
  const all = (await Promise.all(prefixes.map((prefix) => locks.versions(prefix)))).flat();
  const known = new Set(Array.from(points.values(), ({ folder }) => folder));
  const isRecorded = await recordedFolders(context, all);
  return neededVersions(all, { removable, isRecorded: (folder) => known.has(folder) || isRecorded(folder) });
}

/** A catalogue that cannot be trusted, or was hidden, says nothing of what was removed by right: all of it counts. */
async function recordedFolders(
  { store, keyring }: ExtendContext,
  all: readonly StoredVersion[],
): Promise<(folder: string) => boolean> {
  const catalogue = await readCatalogue(store, keyring).catch((error: unknown) => {
    if (!(error instanceof DrillError) || error.findingCode !== "catalogue-broken") throw error;
  });
  if (catalogue === undefined) {
    const hadOne = all.some(({ path }) => path.startsWith(`${catalogueFolder}/`));
    return () => hadOne;
  }
  return (folder) => {
    const [kind, id = "", number] = folder.split("/");
    const point = catalogue.state.get(id);
    if (point?.is !== "there") return false;
    return kind === "backups" || Number(number) <= (point.chain?.number ?? 0);
  };
}

async function locksOfVersions(
  locks: ObjectLocks,
  versions: readonly StoredVersion[],
  signal: AbortSignal,
): Promise<readonly LockedVersion<StoredVersion>[]> {
  const seen: LockedVersion<StoredVersion>[] = [];
  await inParallel(lockRequestsMax, versions, async (version) => {
    signal.throwIfAborted();
    const lock = await locks.lockOf(version);
    // Else its lock had ended, and it was removed meanwhile.
    if (lock !== undefined) seen.push({ version, lock });
  });
  return seen;
}

/** What is there afterwards counts, not what the store answers. */
async function extendAll(
  locks: ObjectLocks,
  extend: readonly Extension<StoredVersion>[],
  signal: AbortSignal,
): Promise<readonly RefusedExtension[]> {
  const refused: RefusedExtension[] = [];
  let extended = 0;
  await inParallel(lockRequestsMax, extend, async ({ version, mode, untilMs }) => {
    signal.throwIfAborted();
    const why =
      extended === 0 && refused.length >= refusalsMax
        ? `not tried: all of the first ${refusalsMax} were refused`
        : await whyNotExtended(locks, version, mode, untilMs);
    if (why === undefined) extended += 1;
    else refused.push({ path: version.path, versionId: version.versionId, why });
  });
  return refused;
}

async function whyNotExtended(
  locks: ObjectLocks,
  version: StoredVersion,
  mode: Extension<StoredVersion>["mode"],
  untilMs: number,
): Promise<string | undefined> {
  try {
    if (!(await locks.retain(version, mode, untilMs))) return undefined;
  } catch (error) {
    if (error instanceof StoreError && error.code === "read-only") return `${error.message}. ${error.hint ?? ""}`;
    throw error;
  }
  const found = await locks.lockOf(version);
  if (found === undefined || isAtLeast(found, { mode, untilMs })) return undefined;
  return "the store accepted the longer lock and does not show it: the credentials lack s3:GetObjectRetention, or its locks do not lock";
}
