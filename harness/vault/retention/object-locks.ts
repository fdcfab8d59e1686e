// Which restore points the store itself lets nobody remove, because one of their objects is under object lock.
import { inParallel } from "../store/in-parallel.ts";
import type { ObjectLock, Store, StoredObject } from "../store/store.ts";
import type { Inventory } from "./inventory.ts";

/** Requests at once, of which each is a round trip. */
export const lockRequestsMax = 16;

/** The locked ones among these restore points, each with until when, in words. */
export async function objectLocksOf(
  { objectLocks }: Store,
  { points }: Inventory,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  if (ids.length === 0 || objectLocks === undefined || (await objectLocks.isAvailable()) === false) return found;
  for (const id of ids) {
    const locks = await locksOf({ objectLocks }, points.get(id)?.objects ?? [], signal);
    const words = lockWords(locks, objectLocks.nowMs());
    if (words !== undefined) found.set(id, words);
  }
  return found;
}

/** What the store says of each of these objects; one that is gone is left out. */
export async function locksOf(
  { objectLocks }: Pick<Store, "objectLocks">,
  objects: readonly StoredObject[],
  signal: AbortSignal,
): Promise<readonly ObjectLock[]> {
  const found: ObjectLock[] = [];
  await inParallel(lockRequestsMax, objects, async ({ path }) => {
    signal.throwIfAborted();
    const lock = await objectLocks?.lockOf({ path });
    if (lock !== undefined) found.push(lock);
  });
  return found;
}

/** Undefined where none of them is locked any more. */
function lockWords(locks: readonly ObjectLock[], nowMs: number): string | undefined {
  if (locks.some(({ isHeld }) => isHeld)) return "locked by a legal hold: falkordrill vault hold --off";
  const locked = locks.filter(({ untilMs }) => untilMs > nowMs);
  if (locked.length === 0) return undefined;
  const untilMs = Math.max(...locked.map((lock) => lock.untilMs));
  return `locked by the store until ${new Date(untilMs).toISOString()}`;
}
