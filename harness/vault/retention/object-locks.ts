// Which restore points the store itself lets nobody remove, because one of their objects is under object lock.
import { inParallel } from "../parts/in-parallel.ts";
import { type ObjectLock, type Store, StoreError, type StoredObject } from "../store/store.ts";
import type { Inventory } from "./inventory.ts";

/** Requests at once, of which each is a round trip. */
export const lockRequestsMax = 16;

interface LockSearch {
  readonly signal: AbortSignal;
  readonly note: (line: string) => void;
}

/**
 * The locked ones among these restore points, each with until when, in words. Throws where this vault locks what it stores
 * and these credentials cannot see it.
 */
export async function objectLocksOf(
  { where, objectLocks }: Store,
  { points }: Inventory,
  ids: readonly string[],
  { signal, note }: LockSearch,
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  if (objectLocks === undefined) return found;
  const [first] = ids.flatMap((id) => points.get(id)?.objects ?? []);
  if (first === undefined || (await objectLocks.isAvailable()) === false) return found;
  const lacking = await objectLocks.lackingRights(first.path);
  if (lacking.length > 0) {
    const what = `these credentials cannot see what is locked in ${where}: ${lacking.join(" and ")} was refused`;
    if (objectLocks.rule !== undefined)
      throw new StoreError(
        "read-only",
        what,
        "Nothing was removed. Give them the rights of a pruner: docs/guides/second-region.md.",
      );
    note(`${what}; what is locked there may be hidden, and is not removed before its lock ends`);
  }
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
