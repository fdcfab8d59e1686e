// Removes the locks of dead processes, and with `force` those of any owner.
import { type Clock, systemClock } from "../../base/clock.ts";
import { environmentError } from "../../base/errors.ts";
import { describeLock, readLocks, type SeenLock } from "./lock-entries.ts";
import { deleteOrEmpty, type Store } from "../store/store.ts";
import { isLive } from "./vault-lock.ts";

/** Returns what it removed. Without `force` it removes nothing where the owner of any lock may be alive. */
export async function breakLocks(
  store: Store,
  { force, clock = systemClock }: { readonly force: boolean; readonly clock?: Clock },
): Promise<readonly SeenLock[]> {
  const locks = await readLocks(store, clock);
  const live = locks.filter(({ ownerState }) => isLive(ownerState));
  if (live.length > 0 && !force)
    throw environmentError(
      `the vault ${store.where} is in use: ${live.map(describeLive).join("; ")}`,
      "Stop that first. If you are sure that it is gone, or will never continue: --force.",
    );
  for (const { path } of locks) await deleteOrEmpty(store, path);
  return locks;
}

function describeLive(lock: SeenLock): string {
  const what = describeLock(lock);
  if (lock.ownerState === "alive") return `${what}, which is running`;
  return lock.entry === undefined ? what : `${what}, which ends by itself at ${lock.entry.expiresAt}`;
}
