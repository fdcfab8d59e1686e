// The full backups of a vault that can be trusted, one after the other: what a new one is compared with. Others are no
// reference.
import type { Keyring } from "../keys/keyring.ts";
import type { Manifest } from "./manifest.ts";
import type { Store } from "./store.ts";
import { readValidation } from "./validation.ts";
import { backupFolder, listBackupIds, readManifest } from "./vault.ts";

export interface TrustedBackup {
  readonly manifest: Manifest;
  /** A proof found it wrong. */
  readonly isFaulty: boolean;
}

export async function* trustedBackups(store: Store, keyring: Keyring): AsyncGenerator<TrustedBackup> {
  for (const id of await listBackupIds(store)) {
    const manifest = await readManifest(store, id, keyring).catch(() => undefined);
    if (manifest === undefined) continue;
    const found = await readValidation(store, backupFolder(id), keyring);
    yield { manifest, isFaulty: found?.ok === false };
  }
}
