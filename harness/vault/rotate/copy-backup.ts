// Copies one backup with its increments for the recipients and the signer of today. The copy has an id of its own, and
// its manifest is written last: until then the whole copy is garbage, and the old backup is there.
import { hash, randomBytes } from "node:crypto";
import type { PrivateKey } from "openpgp";
import type { Clock } from "../../base/clock.ts";
import { DrillError } from "../../base/errors.ts";
import { encodeSegment, type SegmentManifest } from "../chain/segment-manifest.ts";
import { readChain, segmentFolder, segmentPath } from "../chain/segments.ts";
import type { KeyEntry, Keyring } from "../keys/keyring.ts";
import { fetchPart } from "../parts/read-parts.ts";
import { encodeManifest, type EncryptionProfile, type Manifest, type ManifestPart } from "../store/manifest.ts";
import { writeSigned } from "../store/signed.ts";
import type { Store } from "../store/store.ts";
import { markFinished, markUnfinished } from "../store/unfinished.ts";
import { readValidation, writeValidation } from "../store/validation.ts";
import { backupFolder, backupPath } from "../store/vault.ts";
import { rewrap } from "./rewrap.ts";

export interface CopyContext {
  readonly store: Store;
  readonly keyring: Keyring;
  readonly signer: PrivateKey;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

interface CopiedBackup {
  /** SHA-256 of the manifest. */
  readonly sha256: string;
  readonly increments: number;
  /** SHA-256 of the last increment's manifest, or of the backup's. */
  readonly end: string;
}

interface Sealing {
  readonly keys: readonly PrivateKey[];
  readonly recipients: readonly KeyEntry[];
  readonly profile: EncryptionProfile;
}

/** The id of a copy: of the same time, whose milliseconds are the first three digits after the dash. */
export function copyIdOf(id: string): string {
  return `${id.slice(0, -5)}${randomBytes(3).toString("hex").slice(1)}`;
}

/** `parent` is the link of a compacted backup, whose chain may have been copied before. */
export async function copyBackup(
  context: CopyContext,
  manifest: Manifest,
  parent: Manifest["parent"],
  id: string,
): Promise<CopiedBackup> {
  const { store, signer } = context;
  const folder = backupFolder(id);
  await markUnfinished(store, folder, "backup");
  const sealing = await sealingOf(context, manifest.encryption);
  const parts = await copyParts(context, manifest.parts, sealing, (name) => [
    backupPath(manifest.id, name),
    backupPath(id, name),
  ]);
  const bytes = encodeManifest({ ...manifest, id, parent, rotatedFrom: manifest.id, ...sealed(parts, sealing) });
  const sha256 = hash("sha256", bytes);
  let end = sha256;
  let increments = 0;
  for await (const { manifest: segment } of readChain(store, manifest.id, context.keyring)) {
    end = await copySegment(context, segment, { base: id, previous: end });
    increments += 1;
  }
  const pinned = await store.get(backupPath(manifest.id, "pin.json"));
  if (pinned !== undefined) await store.put(`${folder}/pin.json`, pinned);
  await writeSigned(store, backupPath(id, "manifest.json"), bytes, signer);
  return { sha256, increments, end };
}

/** What was known of the old backup and its increments holds for the copy: the content is the same. */
export async function copyFindings(context: CopyContext, from: string, to: string, increments: number): Promise<void> {
  const { store, keyring, signer } = context;
  const folders = [[backupFolder(from), backupFolder(to)] as const];
  for (let number = 1; number <= increments; number++)
    folders.push([segmentFolder(from, number), segmentFolder(to, number)]);
  for (const [old, copy] of folders) {
    const found = await readValidation(store, old, keyring);
    if (found === undefined) continue;
    const { point: _point, manifestSha256: _sha256, untrusted: _untrusted, ...record } = found;
    await writeValidation(store, copy, record, signer);
  }
  await markFinished(store, backupFolder(to));
}

async function copySegment(
  context: CopyContext,
  segment: SegmentManifest,
  link: Pick<SegmentManifest, "base" | "previous">,
): Promise<string> {
  const { store, signer } = context;
  const { base, number } = segment;
  const folder = segmentFolder(link.base, number);
  await markUnfinished(store, folder, "segment");
  const sealing = await sealingOf(context, segment.encryption);
  const parts = await copyParts(context, segment.parts, sealing, (name) => [
    segmentPath(base, number, name),
    segmentPath(link.base, number, name),
  ]);
  const bytes = encodeSegment({ ...segment, ...link, ...sealed(parts, sealing) });
  const pinned = await store.get(segmentPath(base, number, "pin.json"));
  if (pinned !== undefined) await store.put(`${folder}/pin.json`, pinned);
  await writeSigned(store, `${folder}/manifest.json`, bytes, signer);
  await markFinished(store, folder);
  return hash("sha256", bytes);
}

async function sealingOf({ keyring }: CopyContext, { profile, recipients }: Manifest["encryption"]): Promise<Sealing> {
  return {
    profile,
    keys: await keyring.openers(recipients.map(({ fingerprint }) => fingerprint)),
    recipients: await keyring.recipients(profile),
  };
}

async function copyParts(
  { store, signal }: CopyContext,
  parts: readonly ManifestPart[],
  { keys, recipients, profile }: Sealing,
  paths: (name: string) => readonly [from: string, to: string],
): Promise<readonly ManifestPart[]> {
  const copied: ManifestPart[] = [];
  for (const part of parts) {
    signal.throwIfAborted();
    const [from, to] = paths(part.name);
    const publicKeys = recipients.map(({ publicKey }) => publicKey);
    const bytes = await rewrap(await fetchPart(store, from, part), keys, publicKeys, profile, from);
    await store.put(to, bytes);
    copied.push({ ...part, storedBytes: bytes.length, sha256: hash("sha256", bytes) });
  }
  return copied;
}

function sealed(
  parts: readonly ManifestPart[],
  { recipients, profile }: Sealing,
): Pick<Manifest, "parts" | "storedBytes" | "encryption"> {
  return {
    parts,
    storedBytes: parts.reduce((sum, { storedBytes }) => sum + storedBytes, 0),
    encryption: { profile, recipients: recipients.map(({ name, fingerprint }) => ({ name, fingerprint })) },
  };
}

/** Every moment that a backup and its increments give, as text that can be compared. */
export async function momentsOf(store: Store, keyring: Keyring, manifest: Manifest): Promise<readonly string[]> {
  const { replid, offset, at } = manifest.cut;
  const moments = [`${replid} ${offset} ${at}`];
  for await (const { manifest: segment } of readChain(store, manifest.id, keyring)) {
    const { replid: stream, from, to, fromAt, toAt, times, complete, rawBytes } = segment;
    moments.push(JSON.stringify([stream, from, to, fromAt, toAt, times, complete, rawBytes]));
  }
  return moments;
}

export function mustGiveTheSame(before: readonly string[], after: readonly string[], id: string): void {
  if (before.length === after.length && before.every((moment, index) => moment === after[index])) return;
  throw new DrillError(`the copy of ${id} for the new keys gives other moments than ${id}`, {
    exit: "internal",
    hint: `${id} was not touched. Please report this.`,
  });
}
