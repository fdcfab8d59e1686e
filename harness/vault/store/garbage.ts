// What crashed runs left in a vault: objects with the mark of unfinished work and without a manifest, and objects that are
// half written. Never a live object: the lock of writers is held while it is looked for, and what somebody else's lease
// covers is left alone. What has neither mark nor manifest is a damaged restore point, and stays (inventory.ts).
import type { HeldLock } from "../locks/held-lock.ts";
import type { SeenLock } from "../locks/lock-entries.ts";
import type { Store, StoredObject } from "./store.ts";
import { isMark } from "./unfinished.ts";
import { isLive } from "../locks/vault-lock.ts";

/** Where writers do not need the lock, as for locks themselves, only age tells what a crash left. */
const unfinishedMinMs = 600_000;

/** Under the lock of writers, or where nobody has it; `others` are the locks beside ours. */
export async function findGarbage(store: Store, others: readonly SeenLock[]): Promise<readonly StoredObject[]> {
  const uses = usesOf(others);
  const used = new Set([...uses.keys()].map((id) => id.split("/")[0] ?? ""));
  const isUsed = (path: string): boolean => used.has(path.split("/")[1] ?? "");
  const objects = [...(await store.list("backups/")), ...(await store.list("segments/"))];
  const whole = new Set(objects.flatMap(({ path }) => (path.endsWith("/manifest.json") ? [folderOf(path)] : [])));
  const marked = new Set(objects.flatMap(({ path }) => (isMark(path) ? [folderOf(path)] : [])));
  const torn = objects.filter(({ path }) => {
    const folder = folderOf(path);
    return marked.has(folder) && (isMark(path) || !whole.has(folder)) && !isUsed(path);
  });
  // The mark goes last, so that what a second crash leaves is still known by it.
  torn.sort((a, b) => Number(isMark(a.path)) - Number(isMark(b.path)));
  const unfinished = (await store.listUnfinished()).filter(({ path, ageMs }) => {
    const isUnderLock = path.startsWith("backups/") || (path.startsWith("segments/") && !isUsed(path));
    return isUnderLock || ageMs >= unfinishedMinMs;
  });
  return [...torn, ...unfinished.map(({ path, sizeBytes }) => ({ path, sizeBytes }))];
}

/** Gives how many objects it removed. */
export async function collectGarbage(store: Store, lock: HeldLock): Promise<number> {
  const garbage = await findGarbage(store, await lock.others());
  for (const { path } of garbage) {
    await lock.mustHold();
    await store.delete(path);
  }
  return garbage.length;
}

/** Points that somebody uses, and what for. */
export function usesOf(others: readonly SeenLock[]): ReadonlyMap<string, string> {
  const live = others.filter(({ life }) => isLive(life));
  return new Map(live.flatMap(({ entry }) => (entry?.uses ?? []).map((id) => [id, entry?.does ?? ""] as const)));
}

export function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/"));
}
