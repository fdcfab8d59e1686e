// A manifest as a drill and `vault list` see it.
import type { Keyring } from "../keys/keyring.ts";
import type { Manifest } from "./manifest.ts";
import type { Store } from "./store.ts";
import { backupPath, listBackupIds, readManifest } from "./vault.ts";

export interface BackupSummary {
  readonly id: string;
  /** The cut: replication offset, and wall-clock time in ISO 8601. */
  readonly cutOffset: number | undefined;
  readonly cutAt: string;
  readonly storedBytes: number;
  readonly rawBytes: number | undefined;
  readonly parent?: string;
}

export function pointOf(manifest: Manifest): BackupSummary {
  return {
    id: manifest.id,
    cutOffset: manifest.cut.offset,
    cutAt: manifest.cut.at,
    storedBytes: manifest.storedBytes,
    rawBytes: manifest.rawBytes,
  };
}

/** Every backup whose manifest can be trusted; one that cannot is an error, not a gap in the list. */
export async function listPoints(store: Store, keyring: Keyring): Promise<readonly BackupSummary[]> {
  const ids = await listBackupIds(store);
  const points = await Promise.all(ids.map((id) => readPoint(store, id, keyring)));
  return points.filter((point) => point !== undefined);
}

/** Undefined for a backup that was pruned between listing and reading it. */
async function readPoint(store: Store, id: string, keyring: Keyring): Promise<BackupSummary | undefined> {
  try {
    return pointOf(await readManifest(store, id, keyring));
  } catch (error) {
    if ((await store.get(backupPath(id, "manifest.json"))) === undefined) return undefined;
    throw error;
  }
}
