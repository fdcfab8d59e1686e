// Parts -> checked -> decrypted -> decompressed, in the order of the manifest, a few ahead of the reader. A part's hash
// is that of the signed manifest, so parts that were changed, swapped, repeated or taken from another backup are
// refused before a byte of them comes out.
import { hash } from "node:crypto";
import type * as openpgp from "openpgp";
import { DrillError } from "../../base/errors.ts";
import { decompress } from "./compression.ts";
import type { Manifest, ManifestPart } from "./manifest.ts";
import { release } from "./release.ts";
import { unseal } from "./seal.ts";
import { getOrThrow, type Store } from "./store.ts";
import { backupPath } from "./vault.ts";

const partsAhead = 3;

/** Hashes every stored part: all of the backup is known to be right before anything is touched. */
export async function checkParts(store: Store, manifest: Manifest, signal: AbortSignal): Promise<void> {
  for (const part of manifest.parts) {
    signal.throwIfAborted();
    release(await fetchPart(store, manifest.id, part));
  }
}

export async function* readParts(
  store: Store,
  manifest: Manifest,
  keys: readonly openpgp.PrivateKey[],
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  const ahead: Promise<Buffer>[] = [];
  const start = (index: number): void => {
    const part = manifest.parts[index];
    if (part === undefined) return;
    const work = openPart(store, manifest.id, part, keys);
    // It may be looked at only after an earlier part has failed.
    work.catch(() => {});
    ahead.push(work);
  };
  for (let index = 0; index < partsAhead; index++) start(index);
  for (let index = 0; index < manifest.parts.length; index++) {
    signal.throwIfAborted();
    const next = await ahead.shift();
    start(index + partsAhead);
    if (next !== undefined) yield next;
  }
}

async function openPart(
  store: Store,
  id: string,
  part: ManifestPart,
  keys: readonly openpgp.PrivateKey[],
): Promise<Buffer> {
  const what = backupPath(id, part.name);
  const stored = await fetchPart(store, id, part);
  const compressed = await unseal(stored, keys, what);
  release(stored);
  const raw = await decompress(compressed, part.rawBytes);
  release(compressed);
  if (raw.length !== part.rawBytes)
    throw new DrillError(`${what} holds ${raw.length} bytes, its manifest says ${part.rawBytes}`, {
      exit: "dataWrong",
    });
  return raw;
}

async function fetchPart(store: Store, id: string, part: ManifestPart): Promise<Buffer> {
  const path = backupPath(id, part.name);
  const bytes = await getOrThrow(store, path);
  if (bytes.length !== part.storedBytes || hash("sha256", bytes) !== part.sha256)
    throw new DrillError(`${path} in ${store.where} is not the part that the manifest signs for`, {
      exit: "dataWrong",
      hint: "The backup is damaged or was tampered with; nothing of this part was used. Restore another backup.",
    });
  return bytes;
}
