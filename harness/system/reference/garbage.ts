// What crashed runs left in a vault: parts without a manifest, and objects that are half written. Never a live object: the
// lock of writers is held while it is looked for, and what somebody else's lease covers is left alone.
import type { HeldLock } from "./held-lock.ts";
import type { Store, StoredObject } from "./store.ts";
import { isLive } from "./vault-lock.ts";

/** Where writers do not need the lock, as for locks themselves, only age tells what a crash left. */
const unfinishedMinMs = 600_000;

/** Under the lock of writers only. */
export async function findGarbage(store: Store, lock: HeldLock): Promise<readonly StoredObject[]> {
  const uses = await usedByOthers(lock);
  const isUsed = (path: string): boolean => uses.has(path.split("/")[1] ?? "");
  const objects = [...(await store.list("backups/")), ...(await store.list("segments/"))];
  const whole = new Set(objects.flatMap(({ path }) => (path.endsWith("/manifest.json") ? [folderOf(path)] : [])));
  const torn = objects.filter(({ path }) => !whole.has(folderOf(path)) && !isUsed(path));
  const unfinished = (await store.listUnfinished()).filter(({ path, ageMs }) => {
    const isUnderLock = path.startsWith("backups/") || (path.startsWith("segments/") && !isUsed(path));
    return isUnderLock || ageMs >= unfinishedMinMs;
  });
  return [...torn, ...unfinished.map(({ path, sizeBytes }) => ({ path, sizeBytes }))];
}

/** Gives how many objects it removed. */
export async function collectGarbage(store: Store, lock: HeldLock): Promise<number> {
  const garbage = await findGarbage(store, lock);
  for (const { path } of garbage) await store.delete(path);
  return garbage.length;
}

/** What the leases of others cover. */
export async function usedByOthers(lock: HeldLock): Promise<ReadonlyMap<string, string>> {
  const others = (await lock.others()).filter(({ life }) => isLive(life));
  return new Map(others.flatMap(({ entry }) => (entry?.uses ?? []).map((id) => [id, entry?.does ?? ""] as const)));
}

export function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/"));
}
