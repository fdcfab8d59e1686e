// A manifest as a drill and `vault list` see it.
import type { RestorePoint } from "../system.ts";
import type { Keyring } from "./keyring.ts";
import type { Manifest } from "./manifest.ts";
import type { Store } from "./store.ts";
import { listBackupIds, readManifest } from "./vault.ts";

export function pointOf(manifest: Manifest): RestorePoint {
  return {
    id: manifest.id,
    cutOffset: manifest.cut.offset,
    cutAt: manifest.cut.at,
    storedBytes: manifest.storedBytes,
    rawBytes: manifest.rawBytes,
  };
}

/** Every backup whose manifest can be trusted; one that cannot is an error, not a gap in the list. */
export async function listPoints(store: Store, keyring: Keyring): Promise<readonly RestorePoint[]> {
  const ids = await listBackupIds(store);
  return Promise.all(ids.map(async (id) => pointOf(await readManifest(store, id, keyring))));
}
