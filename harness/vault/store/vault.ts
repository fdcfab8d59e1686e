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
//   catalogue/00000001.json          what came and went, as a signed chain (../catalogue/entry.ts)
//   segments/<id>/00000001/          the stream after the cut of that backup, piece by piece, in the same form
//
// It holds no keys (keyring.ts).
import { hash, randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type * as openpgp from "openpgp";
import { DrillError, usageError } from "../../base/errors.ts";
import { shellWord } from "../../base/invocation.ts";
import { foldersAbove, mustHaveTemporaryFolderOutside } from "../keys/outside-vaults.ts";
import type { Keyring } from "../keys/keyring.ts";
import { layoutVersion, markerPath, readMarker, writeLayout } from "./layout.ts";
import { decodeManifest, encodeManifest, type Manifest } from "./manifest.ts";
import type { FileOperations } from "./file-operations.ts";
import { folderStore } from "./store-folder.ts";
import { isTemporary } from "./write-durably.ts";
import { readSigned, writeSigned } from "./signed.ts";
import { nameOfPlace, type S3Place } from "./s3/s3-place.ts";
import type { StoreProbe } from "./s3/probe-store.ts";
import type { ObjectLockRule, Store, StoredObject } from "./store.ts";

const idPattern = /^\d{8}T\d{6}Z-[0-9a-f]{8}$/;

/** Where a vault is: the path of a folder, or a place on S3. */
export type VaultPlace = string | S3Place;

/**
 * Creates a vault in a folder or under a prefix that is empty or does not exist yet. `onProbe` gets what a bucket does.
 * With `objectLock` whatever is needed to restore is locked when it is written.
 */
export async function initVault(
  place: VaultPlace,
  files?: FileOperations,
  onProbe?: (probe: StoreProbe) => void,
  objectLock?: ObjectLockRule,
): Promise<Store> {
  const name = typeof place === "string" ? place : nameOfPlace(place);
  mustHaveTemporaryFolderOutside();
  // Nothing is written before it is known to be free, and the marker last.
  const store = typeof place === "string" ? folderStore(place, files) : await openS3(place, objectLock);
  const entries = typeof place === "string" ? await entriesOf(place) : (await store.list("")).map(({ path }) => path);
  if (entries.includes(markerPath))
    throw usageError(`${name} is a vault already`, "Back up into it, or name another place.");
  if (entries.length > 0)
    throw usageError(
      `${name} is not empty, so it cannot become a vault`,
      typeof place === "string" ? "Give a new folder." : "Give a prefix of its own: s3://bucket/prefix.",
    );
  await mustBeOutside(place);
  if (objectLock !== undefined) await mustLockObjects(store);
  if (typeof place !== "string") {
    const [{ openBucket }, { probeStore }] = await Promise.all([
      import("./s3/s3-bucket.ts"),
      import("./s3/probe-store.ts"),
    ]);
    const probe = await probeStore(openBucket(place));
    if (objectLock !== undefined && probe.promises.versions === false)
      throw usageError(
        `the bucket of ${name} keeps no versions, so whoever replaces an object gets round its lock`,
        "Enable versioning on it, as object lock needs it.",
      );
    onProbe?.(probe);
  }
  await writeLayout(store, objectLock);
  return typeof place === "string" ? folderStore(place, files, markerPath) : store;
}

/** Where the store does not say, the first object that is locked shows it. */
export async function mustLockObjects({ where, objectLocks }: Store): Promise<void> {
  if (objectLocks === undefined)
    throw usageError(`${where} is a folder, which cannot lock objects`, "Object lock needs a vault on S3.");
  if ((await objectLocks.isAvailable()) !== false) return;
  throw usageError(
    `the bucket of ${where} has no object lock, so nothing in it can be locked`,
    "Make a bucket with object lock, which most stores give only when a bucket is made: docs/guides/second-region.md.",
  );
}

/** A vault finds what is its own by listing, and its prune would remove what another one within it is writing. */
async function mustBeOutside(place: VaultPlace): Promise<void> {
  for (const above of placesAbove(place)) {
    // What may not be read there is not looked at: the credentials may be for this place only.
    if (!(await isVault(above).catch(() => false))) continue;
    const name = typeof above === "string" ? above : nameOfPlace(above);
    throw usageError(`${name} is a vault, and another one cannot be within it`, "Name a place beside it.");
  }
}

/** The nearest first. */
function placesAbove(place: VaultPlace): readonly VaultPlace[] {
  if (typeof place === "string") {
    return foldersAbove(place).slice(1);
  }
  const { prefix } = place;
  if (prefix === "") return [];
  const above = { ...place, prefix: prefix.slice(0, Math.max(0, prefix.lastIndexOf("/"))) };
  return [above, ...placesAbove(above)];
}

async function entriesOf(folder: string): Promise<readonly string[]> {
  // A crash of an earlier attempt may have left its half-written marker.
  const isLeft = (name: string): boolean => name.startsWith(`${markerPath}.`) && isTemporary(name);
  return (await readdir(folder).catch((): string[] => [])).filter((name) => !isLeft(name));
}

/** Whether there is a vault at this place, readable or not. */
export async function isVault(place: VaultPlace): Promise<boolean> {
  if (typeof place === "string") return existsSync(join(place, markerPath));
  return (await (await openS3(place)).get(markerPath)) !== undefined;
}

export async function openVault(place: VaultPlace, files?: FileOperations): Promise<Store> {
  mustHaveTemporaryFolderOutside();
  const store = typeof place === "string" ? folderStore(place, files, markerPath) : await openS3(place);
  const { version, objectLock } = (await readMarker(store)) ?? {};
  if (version === undefined)
    throw usageError(
      `${store.where} is not a vault: it has no ${markerPath}`,
      `Make one: falkordrill vault init${flagsOf(place)}`,
    );
  if (version > layoutVersion)
    throw usageError(`the vault ${store.where} has layout ${version}, this program knows up to ${layoutVersion}`);
  return typeof place === "string" || objectLock === undefined ? store : await openS3(place, objectLock);
}

/** The flags of `vault init` for this place. */
function flagsOf(place: VaultPlace): string {
  if (typeof place === "string") return ` --vault ${shellWord(place)}`;
  const { bucket, prefix, endpoint, region } = place;
  const flags = { vault: nameOfPlace({ bucket, prefix }), endpoint, region };
  return Object.entries(flags)
    .map(([flag, value]) => (value === undefined ? "" : ` --${flag} ${value}`))
    .join("");
}

/** The SDK takes up to a second to load, so it is loaded only here. */
async function openS3(place: S3Place, objectLock?: ObjectLockRule): Promise<Store> {
  const [{ openBucket }, { s3Store }] = await Promise.all([import("./s3/s3-bucket.ts"), import("./s3/s3-store.ts")]);
  return s3Store(openBucket(place), objectLock);
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

/** The backup of a restore point: of `<id>` itself, or of an increment `<id>/<number>`. */
export function baseOf(point: string): string {
  return point.split("/")[0] ?? "";
}

/** 0 for a backup. */
export function numberOf(point: string): number {
  return Number(point.split("/")[1] ?? 0);
}

/** A restore point as a user names it; `number` is 0 for a backup. */
export function parsePoint(text: string): { readonly base: string; readonly number: number } {
  if (/^[^/]*(?:\/0*[1-9]\d{0,7})?$/.test(text) && isBackupId(baseOf(text)))
    return { base: baseOf(text), number: numberOf(text) };
  throw usageError(
    `"${text}" is neither the id of a backup nor <id>/<number of an increment>`,
    "See: falkordrill vault list",
  );
}

/** Sorts by this time, to the millisecond (three hex digits); the random end keeps two backups of one moment apart. */
export function newBackupId(at: string): string {
  const milliseconds = new Date(at).getUTCMilliseconds().toString(16).padStart(3, "0");
  return `${at.replaceAll(/[-:]|\.\d+/g, "")}-${milliseconds}${randomBytes(3).toString("hex").slice(1)}`;
}

/** When a backup was begun, according to its id. */
export function idTimeMs(id: string): number {
  return Date.parse(id.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z.*$/, "$1-$2-$3T$4:$5:$6Z"));
}

export function requireBackupId(id: string): void {
  if (!isBackupId(id)) throw usageError(`"${id}" is not the id of a backup`, "See: falkordrill vault list");
}

/** Returns the SHA-256 of the signed bytes. */
export async function writeManifest(store: Store, manifest: Manifest, key: openpgp.PrivateKey): Promise<string> {
  const bytes = encodeManifest(manifest);
  await writeSigned(store, backupPath(manifest.id, "manifest.json"), bytes, key);
  return hash("sha256", bytes);
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
  const bytes = await readSigned(store, path, keyring).catch(async (error: unknown) => {
    const isMissing = error instanceof DrillError && error.findingCode === "object-missing";
    if (!isMissing || (await store.get(path)) !== undefined) throw error;
    throw usageError(`${store.where} has no backup ${id}`, "See: falkordrill vault list");
  });
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
