// Reads parts: verified, decrypted and decompressed, in the order of the manifest, a few ahead of the reader. A part's
// hash is in the signed manifest, so parts that were changed, swapped, repeated or taken from another backup are
// refused before a byte of them is returned.
import { hash } from "node:crypto";
import type * as openpgp from "openpgp";
import { DrillError } from "../../base/errors.ts";
import { decompress } from "./compression.ts";
import type { EncryptionProfile, Manifest, ManifestPart } from "../store/manifest.ts";
import { inParallel } from "./in-parallel.ts";
import { release } from "./release.ts";
import { unseal, unsealQuickly } from "./seal.ts";
import { getOrThrow, type Store } from "../store/store.ts";
import { backupPath } from "../store/vault.ts";

const partsAhead = 3;

/** The parts of one backup or of one segment. */
export interface StoredParts {
  readonly parts: readonly ManifestPart[];
  /** Path in the store of the part of this name. */
  readonly pathOf: (name: string) => string;
  /** Encryption profile of the parts, according to the manifest. */
  readonly profile: EncryptionProfile;
  /** Reads them by our own code where that can (unsealQuickly). */
  readonly isQuick?: boolean;
}

export function partsOf(manifest: Manifest): StoredParts {
  return {
    parts: manifest.parts,
    pathOf: (name) => backupPath(manifest.id, name),
    profile: manifest.encryption.profile,
  };
}

/** Hashes every stored part: the whole backup is known to be intact before anything is touched. */
export async function checkParts(store: Store, stored: StoredParts, signal: AbortSignal): Promise<void> {
  await inParallel(partsAhead, stored.parts, async (part) => {
    signal.throwIfAborted();
    release(await fetchPart(store, stored.pathOf(part.name), part));
  });
}

export async function* readParts(
  store: Store,
  stored: StoredParts,
  keys: readonly openpgp.PrivateKey[],
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  const { parts, pathOf, profile, isQuick = false } = stored;
  const ahead: Promise<Buffer>[] = [];
  const start = (index: number): void => {
    const part = parts[index];
    if (part === undefined) return;
    const work = openPart(store, pathOf(part.name), part, keys, profile, isQuick);
    // It may be looked at only after an earlier part has failed.
    work.catch(() => {});
    ahead.push(work);
  };
  for (let index = 0; index < partsAhead; index++) start(index);
  for (let index = 0; index < parts.length; index++) {
    signal.throwIfAborted();
    const next = await ahead.shift();
    start(index + partsAhead);
    if (next !== undefined) yield next;
  }
}

async function openPart(
  store: Store,
  path: string,
  part: ManifestPart,
  keys: readonly openpgp.PrivateKey[],
  profile: EncryptionProfile,
  isQuick: boolean,
): Promise<Buffer> {
  const stored = await fetchPart(store, path, part);
  const quick = isQuick ? await unsealQuickly(stored, keys, profile) : undefined;
  const compressed = quick ?? (await unseal(stored, keys, path, profile));
  release(stored);
  const raw = await decompress(compressed, part.rawBytes, path);
  release(compressed);
  if (raw.length !== part.rawBytes)
    throw new DrillError(`${path} holds ${raw.length} bytes, its manifest says ${part.rawBytes}`, {
      exit: "dataWrong",
    });
  return raw;
}

/** The stored bytes of a part, as the manifest signs for them. */
export async function fetchPart(store: Store, path: string, part: ManifestPart): Promise<Buffer> {
  const damaged = (cause?: unknown): DrillError =>
    new DrillError(`${path} in ${store.where} is not the part that the manifest signs for`, {
      exit: "dataWrong",
      code: "part-damaged",
      hint: "The backup is damaged or was tampered with; nothing of this part was used. Restore another backup.",
      cause,
    });
  const bytes = await getOrThrow(store, path, part.storedBytes).catch((error: unknown) => {
    throw error instanceof DrillError && error.findingCode === "object-damaged" ? damaged(error) : error;
  });
  if (bytes.length !== part.storedBytes || hash("sha256", bytes) !== part.sha256) throw damaged();
  return bytes;
}
