// The layout of a vault, the same in every kind of store:
//
//   vault.json                       marks it as a vault, with the version of this layout
//   locks/<token>.json               one for each running process; owner, purpose and expiry (vault-lock.ts)
//   guest/<server>.json              settings overridden on a server, until they are restored
//   backups/<id>/part-00000.zst.pgp  the snapshot in parts: compressed, then encrypted
//   backups/<id>/manifest.json.asc   signature
//   backups/<id>/manifest.json       written last: a backup exists when this does
//   backups/<id>/unfinished.json     there while a backup is made or pruned: marks garbage after a crash (unfinished.ts)
//   backups/<id>/validation.json     what a verify found, with its signature in it (signed-record.ts)
//   backups/<id>/pin.json            there while the backup must not be pruned, and why
//   restores/<target>.json           the journal of the last restore in place into that server (in-place/journal.ts)
//   segments/<id>/00000001/          the stream after the cut of that backup, piece by piece, in the same form
//
// It holds no keys (keyring.ts).
import { hash } from "node:crypto";
import { readdir } from "node:fs/promises";
import * as openpgp from "openpgp";
import { DrillError, environmentError, errorMessage, usageError } from "../../base/errors.ts";
import { whyUnusable } from "../keys/key-use.ts";
import type { Keyring } from "../keys/keyring.ts";
import { decodeManifest, encodeManifest, type Manifest } from "./manifest.ts";
import type { FileOperations } from "./file-operations.ts";
import { folderStore } from "./store-folder.ts";
import { getOrThrow, type Store, type StoredObject } from "./store.ts";
import { isTemporary } from "./write-durably.ts";

const vaultVersion = 1;
const markerPath = "vault.json";
export const signatureBytesMax = 65_536;
const idPattern = /^\d{8}T\d{6}Z-[0-9a-f]{8}$/;

/** Creates a vault in a folder that is empty or does not exist yet. */
export async function initVault(folder: string, files?: FileOperations): Promise<Store> {
  // A crash of an earlier attempt may have left its half-written marker.
  const isLeft = (name: string): boolean => name.startsWith(`${markerPath}.`) && isTemporary(name);
  const entries = (await readdir(folder).catch((): string[] => [])).filter((name) => !isLeft(name));
  if (entries.includes(markerPath))
    throw usageError(`${folder} is a vault already`, "Back up into it, or name another folder.");
  if (entries.length > 0) throw usageError(`${folder} is not empty, so it cannot become a vault`, "Give a new folder.");
  const store = folderStore(folder, files);
  await store.put(markerPath, Buffer.from(`${JSON.stringify({ kind: "falkordrill-vault", version: vaultVersion })}\n`));
  return store;
}

export async function openVault(folder: string, files?: FileOperations): Promise<Store> {
  const store = folderStore(folder, files);
  const marker = await store.get(markerPath);
  const version = marker === undefined ? undefined : versionOf(marker);
  if (version === undefined)
    throw usageError(
      `${folder} is not a vault: it has no ${markerPath}`,
      `Make one: falkordrill vault init --vault ${folder}`,
    );
  if (version > vaultVersion)
    throw usageError(`the vault ${folder} has layout ${version}, this program knows up to ${vaultVersion}`);
  return store;
}

function versionOf(marker: Buffer): number | undefined {
  try {
    const json = JSON.parse(marker.toString("utf8")) as { kind?: unknown; version?: unknown };
    return json.kind === "falkordrill-vault" && typeof json.version === "number" ? json.version : undefined;
  } catch {
    return undefined;
  }
}

export function backupFolder(id: string): string {
  requireBackupId(id);
  return `backups/${id}`;
}

export function backupPath(id: string, name: string): string {
  return `${backupFolder(id)}/${name}`;
}

export function isBackupId(id: string): boolean {
  return idPattern.test(id);
}

export function requireBackupId(id: string): void {
  if (!isBackupId(id)) throw usageError(`"${id}" is not the id of a backup`, "See: falkordrill vault list");
}

/** Signs and writes a document of a backup; the signature first, so that the document never exists without it. */
export async function writeSigned(
  store: Store,
  path: string,
  bytes: Uint8Array,
  key: openpgp.PrivateKey,
): Promise<void> {
  await store.put(`${path}.asc`, Buffer.from(await signatureOf(bytes, key, path)));
  await store.put(path, bytes);
}

export async function signatureOf(bytes: Uint8Array, key: openpgp.PrivateKey, path: string): Promise<string> {
  try {
    const message = await openpgp.createMessage({ binary: bytes });
    return String(await openpgp.sign({ message, signingKeys: key, detached: true, format: "armored" }));
  } catch (error) {
    // An archive may run for longer than a key is valid.
    const why = (await whyUnusable(key, "signer")) ?? errorMessage(error);
    throw environmentError(`${path} cannot be signed: ${why}`, "Give the key ring a signer that is valid.", error);
  }
}

/** Reads a document and refuses it unless a key that the key ring trusts has signed exactly these bytes. */
export async function readSigned(store: Store, path: string, keyring: Keyring): Promise<Buffer> {
  const bytes = await getOrThrow(store, path);
  const armored = (await getOrThrow(store, `${path}.asc`, signatureBytesMax)).toString("utf8");
  await mustBeSigned(store, path, { bytes, armored }, keyring);
  return bytes;
}

interface Signed {
  readonly bytes: Uint8Array;
  /** The signature. */
  readonly armored: string;
}

export async function mustBeSigned(
  store: Store,
  path: string,
  { bytes, armored }: Signed,
  keyring: Keyring,
): Promise<void> {
  try {
    const { signatures } = await openpgp.verify({
      message: await openpgp.createMessage({ binary: new Uint8Array(bytes) }),
      signature: await openpgp.readSignature({ armoredSignature: armored }),
      verificationKeys: [...(await keyring.verifiers())],
    });
    if (signatures.length === 0) throw new Error("it carries no signature");
    await Promise.all(signatures.map((signature) => signature.verified));
  } catch (error) {
    throw new DrillError(`${path} in ${store.where} is not signed by a key of the key ring ${keyring.folder}`, {
      exit: "dataWrong",
      code: "not-signed",
      hint: "Nothing was touched. Either the vault was tampered with, or the signer's public key was never imported.",
      cause: error,
    });
  }
}

export async function writeManifest(store: Store, manifest: Manifest, key: openpgp.PrivateKey): Promise<void> {
  await writeSigned(store, backupPath(manifest.id, "manifest.json"), encodeManifest(manifest), key);
}

export async function readManifest(store: Store, id: string, keyring: Keyring): Promise<Manifest> {
  return (await readManifestDocument(store, id, keyring)).manifest;
}

/** The manifest, with the SHA-256 of the signed bytes, to which the first segment of a chain is linked. */
export async function readManifestDocument(
  store: Store,
  id: string,
  keyring: Keyring,
): Promise<{ readonly manifest: Manifest; readonly sha256: string }> {
  const path = backupPath(id, "manifest.json");
  if ((await store.get(path)) === undefined)
    throw usageError(`${store.where} has no backup ${id}`, "See: falkordrill vault list");
  const bytes = await readSigned(store, path, keyring);
  const manifest = decodeManifest(bytes, path);
  // A signed manifest that was copied under another name would pass for a backup that was never made.
  if (manifest.id !== id)
    throw new DrillError(`${path} is the manifest of ${manifest.id}`, {
      exit: "dataWrong",
      code: "backup-mislabelled",
    });
  return { manifest, sha256: hash("sha256", bytes) };
}

/** Oldest first; the time is the start of the id. */
export async function listBackupIds(store: Store): Promise<readonly string[]> {
  return backupIdsOf(await store.list("backups/"));
}

/** The backups among these objects: those with a manifest. */
export function backupIdsOf(objects: readonly StoredObject[]): readonly string[] {
  return objects.flatMap(({ path }) => {
    const [, id, name] = path.split("/");
    return name === "manifest.json" && id !== undefined && idPattern.test(id) ? [id] : [];
  });
}
