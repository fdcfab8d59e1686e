// What crashed runs left in a vault: objects marked as unfinished work and without a manifest, and objects that are
// half written. Never a live object: the exclusive lock is held during the search, and what another process's lease
// covers is skipped. What has neither mark nor manifest is a damaged restore point, and stays (inventory.ts).
import type { HeldLock } from "../locks/held-lock.ts";
import type { SeenLock } from "../locks/lock-entries.ts";
import { isOwnName, pointObjects } from "./layout.ts";
import { isEmptied, isRefused, type Store, type StoredObject } from "./store.ts";
import { isMark, marksUnfinished } from "./unfinished.ts";
import { isLive } from "../locks/vault-lock.ts";
import { baseOf } from "./vault.ts";

/** Minimum age of garbage where writers do not need the lock, as for locks themselves. */
const unfinishedMinMs = 600_000;

/** Call it while holding the exclusive lock, or if it is free; `others` are the locks besides ours. */
export async function findGarbage(store: Store, others: readonly SeenLock[]): Promise<readonly StoredObject[]> {
  const uses = usesOf(others);
  const used = new Set([...uses.keys()].map(baseOf));
  const isUsed = (path: string): boolean => used.has(path.split("/")[1] ?? "");
  const objects = await pointObjects(store);
  const whole = new Set(objects.flatMap(({ path }) => (path.endsWith("/manifest.json") ? [folderOf(path)] : [])));
  const marked = new Set(objects.flatMap((object) => (marksUnfinished(object) ? [folderOf(object.path)] : [])));
  const torn = objects.filter(({ path, isLinked }) => {
    const folder = folderOf(path);
    // Whoever may write to the storage can link it to files of whoever runs this.
    if (isLinked === true || !isOwnName(folder, path)) return false;
    const isOfUnfinished = marked.has(folder) && (isMark(path) || !whole.has(folder));
    // Increments that were copied before the manifest of their backup (../rotate).
    const base = `backups/${path.split("/")[1] ?? ""}`;
    const isOnUnfinished = path.startsWith("segments/") && marked.has(base) && !whole.has(base);
    return (isOfUnfinished || isOnUnfinished) && !isUsed(path);
  });
  const unfinished = (await store.listUnfinished()).filter(({ path, ageMs }) => {
    const isUnderLock = path.startsWith("backups/") || (path.startsWith("segments/") && !isUsed(path));
    return isUnderLock || ageMs >= unfinishedMinMs;
  });
  return [...torn, ...unfinished.map(({ path, sizeBytes }) => ({ path, sizeBytes }))];
}

/** Returns how many objects it removed. */
export async function collectGarbage(store: Store, lock: HeldLock): Promise<number> {
  const garbage = await findGarbage(store, await lock.others());
  await removeGarbage(store, lock, garbage);
  return garbage.length;
}

/**
 * The same before a backup, whose credentials need not be able to delete: then all stays until a prune. Returns a
 * sentence about what was found.
 */
export async function collectIfAllowed(store: Store, lock: HeldLock): Promise<string | undefined> {
  const garbage = await findGarbage(store, await lock.others());
  const what = `${garbage.length} object${garbage.length === 1 ? "" : "s"} that an unfinished run left in the vault`;
  try {
    await removeGarbage(store, lock, garbage);
    return garbage.length === 0 ? undefined : `removed ${what}`;
  } catch (error) {
    if (!isRefused(error)) throw error;
    return `${what} stay until a prune, as these credentials may not delete`;
  }
}

/** Locks, journals and marks that were ended by credentials that cannot delete. */
export async function findEmptied(store: Store): Promise<readonly StoredObject[]> {
  const ended = [...(await store.list("locks/")), ...(await store.list("guest/"))];
  const marks = (await pointObjects(store)).filter(({ path }) => isMark(path));
  return [...ended, ...marks].filter(isEmptied);
}

export async function removeGarbage(
  store: Store,
  lock: Pick<HeldLock, "mustHold">,
  garbage: readonly Pick<StoredObject, "path">[],
  signal?: AbortSignal,
): Promise<void> {
  // Otherwise a power cut could leave what the killed run removed first beside nothing of what is removed now.
  for (const folder of new Set(garbage.map(({ path }) => folderOf(path)))) await store.sync(folder);
  // A mark is removed last, so that what a second crash leaves can still be recognised by it.
  for (const { path } of garbage.toSorted((a, b) => Number(isMark(a.path)) - Number(isMark(b.path)))) {
    signal?.throwIfAborted();
    await lock.mustHold();
    await store.delete(path);
  }
}

/** Restore points that are in use, and for what. */
export function usesOf(others: readonly SeenLock[]): ReadonlyMap<string, string> {
  const live = others.filter(({ ownerState }) => isLive(ownerState));
  return new Map(live.flatMap(({ entry }) => (entry?.uses ?? []).map((id) => [id, entry?.does ?? ""] as const)));
}

export function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/"));
}
