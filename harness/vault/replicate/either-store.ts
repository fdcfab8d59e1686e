// Two vaults with the same restore points, read as one: where the first does not answer, or not any more, the second is
// read in its place, also in the middle of a restore. Replicas are equal to the byte, and every object is compared with
// the hash in its signed manifest, whichever of them it comes from.
import { DrillError, explanationOf } from "../../base/errors.ts";
import { locksPrefix } from "../locks/lock-entries.ts";
import { readLayout } from "../store/layout.ts";
import { type Store, StoreError } from "../store/store.ts";
import { openVault, type VaultPlace } from "../store/vault.ts";

/** Called once, when the second vault takes the place of the first. */
type Note = (line: string) => void;

/** The vault at `first`; that at `second` where the first cannot be opened, and from the moment on at which it fails. */
export async function openEither(first: VaultPlace, second: VaultPlace, note: Note): Promise<Store> {
  const other = await openVault(second);
  try {
    return eitherStore(await openVault(first), other, note);
  } catch (error) {
    if (!(error instanceof DrillError)) throw error;
    note(insteadWords(error, other));
    return other;
  }
}

export function eitherStore(first: Store, second: Store, note: Note): Store {
  let current = first;
  /** Leases that were taken in the first: no prune of the second removes what is read then either. */
  const leases = new Map<string, Uint8Array>();
  const goOnWithSecond = async (why: unknown): Promise<void> => {
    if (current === second) return;
    current = second;
    note(insteadWords(why, second));
    for (const [path, bytes] of leases) await second.put(path, bytes);
  };
  /** What was begun in the first when it failed is done in the second. */
  const attempt = async <T>(work: (store: Store) => Promise<T>, mayBeGone?: (result: T) => boolean): Promise<T> => {
    if (current === second) return await work(second);
    try {
      const result = await work(first);
      // A folder that was removed, or a disk that is not mounted any more, reads as empty.
      if (mayBeGone?.(result) !== true || (await readLayout(first)) !== undefined) return result;
      await goOnWithSecond(new Error(`the vault ${first.where} is gone`));
    } catch (error) {
      if (!isDead(error)) throw error;
      await goOnWithSecond(error);
    }
    return await work(second);
  };
  return {
    get where() {
      return current.where;
    },
    get: (path, bytesMax) =>
      attempt(
        (store) => store.get(path, bytesMax),
        (found) => found === undefined,
      ),
    list: (prefix) =>
      attempt(
        (store) => store.list(prefix),
        (found) => found.length === 0,
      ),
    put: (path, bytes, signal) => {
      if (path.startsWith(locksPrefix)) leases.set(path, bytes);
      return attempt((store) => store.put(path, bytes, signal));
    },
    putIfAbsent: (path, bytes, signal) => attempt((store) => store.putIfAbsent(path, bytes, signal)),
    delete: (path) => {
      leases.delete(path);
      return attempt((store) => store.delete(path));
    },
    sync: (folder) => attempt((store) => store.sync(folder)),
    listUnfinished: () => attempt((store) => store.listUnfinished()),
  };
}

/** A bucket that is gone counts as a mistake of the user's where it is the only one. */
function isDead(error: unknown): boolean {
  return error instanceof StoreError ? error.code === "broken" : error instanceof DrillError && error.exit === "usage";
}

function insteadWords(why: unknown, second: Store): string {
  return `${explanationOf(why).replace(/\.$/, "")}; going on with ${second.where}`;
}
