// A legal hold on a backup and the increments on it: no end, and no prune, until it is lifted.
import { usageError } from "../../base/errors.ts";
import { lockRequestsMax } from "../retention/object-locks.ts";
import { inParallel } from "../parts/in-parallel.ts";
import { isLockable } from "../store/layout.ts";
import { type Store, StoreError } from "../store/store.ts";
import { backupFolder, mustLockObjects } from "../store/vault.ts";

/**
 * Returns of how many objects it was set or lifted. With `last` only the increments up to that one are held; all of a
 * backup's are lifted together, as one may be needed by several holds.
 */
export async function holdPoint(
  store: Store,
  { id, last, isOn }: { readonly id: string; readonly last?: number; readonly isOn: boolean },
  signal: AbortSignal,
): Promise<number> {
  const folder = backupFolder(id);
  await mustLockObjects(store);
  const locks = store.objectLocks;
  if (locks === undefined) throw usageError(`${store.where} cannot lock objects`);
  const all = [...(await locks.versions(`${folder}/`)), ...(await locks.versions(`segments/${id}/`))];
  const numberOf = (path: string): number => Number(/^segments\/[^/]+\/(\d{8})\//.exec(path)?.[1] ?? 0);
  const versions = all.filter(
    ({ path, isMarker }) => !isMarker && isLockable(path) && (last === undefined || numberOf(path) <= last),
  );
  if (!versions.some(({ path }) => path === `${folder}/manifest.json`))
    throw usageError(`${store.where} has no backup ${id}`, "See: falkordrill vault list");
  if (last !== undefined && !versions.some(({ path }) => numberOf(path) === last))
    throw usageError(`${store.where} has no increment ${last} of ${id}`, "See: falkordrill vault list");
  let count = 0;
  await inParallel(lockRequestsMax, versions, async (version) => {
    signal.throwIfAborted();
    if (!(await locks.hold(version, isOn))) return;
    count += 1;
    const found = await locks.lockOf(version);
    if (found === undefined || found.isHeld === isOn) return;
    throw new StoreError(
      "broken",
      `${store.where} accepted to ${isOn ? "hold" : "release"} ${version.path}, and did not`,
      "Give the credentials s3:GetObjectLegalHold; if they have it, see falkordrill vault replicate --probe-lock.",
    );
  });
  return count;
}
