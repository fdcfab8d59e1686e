// The mark of unfinished work: it is written before the first object of a restore point, removed after its manifest,
// and written again before a prune removes the manifest. So what a crash left is recognised by its mark, and a restore
// point whose manifest is lost or cannot be read is never mistaken for it.
import { isOwnName } from "./layout.ts";
import { deleteOrEmpty, isEmptied, type Store, type StoredObject, StoreError } from "./store.ts";

const markName = "unfinished.json";

export function isMark(path: string): boolean {
  return path.endsWith(`/${markName}`);
}

/** False for a mark that was ended by credentials that cannot delete. */
export function marksUnfinished(object: StoredObject): boolean {
  return isMark(object.path) && !isEmptied(object);
}

export async function markUnfinished(
  store: Store,
  folder: string,
  does: "backup" | "segment" | "prune",
): Promise<void> {
  try {
    await store.put(`${folder}/${markName}`, Buffer.from(`${JSON.stringify({ does })}\n`));
  } catch (error) {
    // A prune is the way out of a full vault; if the mark is missing, what a crash leaves is kept and reported as
    // damaged.
    if (!(does === "prune" && error instanceof StoreError && error.code === "full")) throw error;
  }
}

export async function markFinished(store: Store, folder: string): Promise<void> {
  await deleteOrEmpty(store, `${folder}/${markName}`);
}

/**
 * What the vault did not write stays, as a link put there may lead to files of others. Removes the manifest first, which makes the restore point disappear; the mark goes last, so that it survives a crash.
 */
export async function removePoint(store: Store, folder: string): Promise<void> {
  const paths = (await store.list(`${folder}/`)).map(({ path }) => path).filter((path) => isOwnName(folder, path));
  const manifests = paths.filter((path) => path.endsWith("/manifest.json"));
  for (const path of manifests) await store.delete(path);
  await Promise.all(
    paths.filter((path) => !isMark(path) && !manifests.includes(path)).map((path) => store.delete(path)),
  );
  await markFinished(store, folder);
}
