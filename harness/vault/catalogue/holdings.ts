// What is in a vault, by its object names only.
import { pointObjects } from "../store/layout.ts";
import type { Store, StoredObject } from "../store/store.ts";
import { isBackupId } from "../store/vault.ts";

export interface Holdings {
  /** Backups that have any object. */
  readonly folders: ReadonlySet<string>;
  /** Backups that have a manifest. */
  readonly manifests: ReadonlySet<string>;
  /** Number of the last increment of each chain that has a manifest. */
  readonly lastIncrement: ReadonlyMap<string, number>;
  /** The same, of increments that have any object. */
  readonly lastFolder: ReadonlyMap<string, number>;
}

export async function holdingsOf(store: Store): Promise<Holdings> {
  return holdingsIn(await pointObjects(store));
}

export function holdingsIn(objects: readonly StoredObject[]): Holdings {
  const folders = new Set<string>();
  const manifests = new Set<string>();
  const lastIncrement = new Map<string, number>();
  const lastFolder = new Map<string, number>();
  for (const { path } of objects) {
    const [room, backup = "", file] = path.split("/");
    if (room === "backups" && isBackupId(backup)) {
      folders.add(backup);
      if (file === "manifest.json") manifests.add(backup);
    }
    const [, id, number, name] = /^segments\/([^/]+)\/(\d{8})\/(.+)$/.exec(path) ?? [];
    if (id === undefined) continue;
    lastFolder.set(id, Math.max(Number(number), lastFolder.get(id) ?? 0));
    if (name === "manifest.json") lastIncrement.set(id, Math.max(Number(number), lastIncrement.get(id) ?? 0));
  }
  return { folders, manifests, lastIncrement, lastFolder };
}

/** Path of the manifest of a backup, or of an increment of its chain. */
export function manifestPath(id: string, number: number): string {
  return number === 0
    ? `backups/${id}/manifest.json`
    : `segments/${id}/${String(number).padStart(8, "0")}/manifest.json`;
}
