// Makes every backup of a vault open to the recipients of today, and to nobody else, signed by the signer of today. One
// backup with its increments after the other: copied, compared, and only then removed. A run that ended early is
// continued by the next.
import { type Clock, systemClock } from "../../base/clock.ts";
import type { Progress } from "../../base/progress.ts";
import { appendEntry } from "../catalogue/append.ts";
import { mustBeComplete } from "../catalogue/check-vault.ts";
import { removalsToRecord, rotatedWords } from "../catalogue/removals.ts";
import { unrecorded } from "../catalogue/unrecorded.ts";
import { listSegments, readLink, readSegment, segmentFolder } from "../chain/segments.ts";
import type { Keyring } from "../keys/keyring.ts";
import type { HeldLock } from "../locks/held-lock.ts";
import { lockVault } from "../locks/vault-lock.ts";
import { collectGarbage, usesOf } from "../store/garbage.ts";
import type { Manifest } from "../store/manifest.ts";
import { isSignedBy } from "../store/signed.ts";
import type { Store } from "../store/store.ts";
import { markUnfinished, removePoint } from "../store/unfinished.ts";
import { backupFolder, backupPath, baseOf, listBackupIds, readManifest } from "../store/vault.ts";
import { copyBackup, copyIdOf, type CopyContext, copyFindings, momentsOf, mustGiveTheSame } from "./copy-backup.ts";

export interface RotateContext {
  readonly store: Store;
  readonly keyring: Keyring;
  readonly clock?: Clock;
}

export interface Rotated {
  readonly copied: readonly { readonly from: string; readonly to: string; readonly increments: number }[];
  /** Backups that are open to the right keys already. */
  readonly current: readonly string[];
  /** Backups that another process uses. They stay as they are until the next run. */
  readonly inUse: readonly { readonly id: string; readonly why: string }[];
}

export async function reencrypt(
  { store, keyring, clock = systemClock }: RotateContext,
  { progress, signal: asked }: { readonly progress: Progress; readonly signal: AbortSignal },
): Promise<Rotated> {
  const signer = await keyring.signer();
  await using lock = await lockVault(store, "keys rotate", { clock });
  const signal = AbortSignal.any([asked, lock.signal]);
  await mustBeComplete({ store, keyring }, "Look at it with falkordrill vault audit before keys are rotated.");
  const garbage = await collectGarbage(store, lock);
  if (garbage > 0) progress.note(`removed ${garbage} objects that an unfinished run left in the vault`);
  const context = { store, keyring, signer, clock, signal };
  await appendEntry(context, (catalogue) => unrecorded(store, catalogue));
  const manifests = await Promise.all((await listBackupIds(store)).map((id) => readManifest(store, id, keyring)));
  const copies = new Map(
    manifests.flatMap(({ id, rotatedFrom }) => (rotatedFrom === undefined ? [] : [[rotatedFrom, id] as const])),
  );
  const rotated = {
    copied: [] as Rotated["copied"][number][],
    current: [] as string[],
    inUse: [] as Rotated["inUse"][number][],
  };
  // A compacted backup is younger than the chain that it was made from, so that is copied first.
  for (const manifest of manifests) {
    const { id } = manifest;
    const parent = await parentOf(context, manifest, copies);
    if (parent === manifest.parent && !copies.has(id) && (await isCurrent(context, manifest))) {
      rotated.current.push(id);
      continue;
    }
    await lock.announceRemovals([id]);
    const why = [...usesOf(await lock.others())].find(([used]) => baseOf(used) === id)?.[1];
    if (why !== undefined) {
      rotated.inUse.push({ id, why });
      continue;
    }
    progress.step(`re-encrypt ${id}`);
    const done = await replace(context, lock, manifest, parent, copies.get(id));
    if (typeof done === "string") {
      rotated.inUse.push({ id, why: done });
      continue;
    }
    const { to, increments } = done;
    copies.set(id, to);
    rotated.copied.push({ from: id, to, increments });
  }
  return rotated;
}

/** Returns why the backup stays as it is, where its copy is not whole yet. */
async function replace(
  context: CopyContext,
  lock: HeldLock,
  manifest: Manifest,
  parent: Manifest["parent"],
  earlier: string | undefined,
): Promise<{ readonly to: string; readonly increments: number } | string> {
  const { store, keyring } = context;
  const { id } = manifest;
  const before = await momentsOf(store, keyring, manifest);
  const copy = earlier ?? (await copyRecorded(context, manifest, parent));
  const after = await momentsOf(store, keyring, await readManifest(store, copy, keyring));
  if (earlier !== undefined && after.length < before.length)
    return `its copy ${earlier} has fewer increments: it comes from another vault, whose replication has not ended`;
  mustGiveTheSame(before, after, id);
  const increments = after.length - 1;
  await copyFindings(context, id, copy, increments);
  const numbers = (await listSegments(store, id)).toReversed();
  const why = `${rotatedWords} ${copy}`;
  const removals = await removalsToRecord(store, [id], why);
  await appendEntry(context, () => removals.before);
  for (const folder of [...numbers.map((number) => segmentFolder(id, number)), backupFolder(id)]) {
    await lock.mustHold();
    await markUnfinished(store, folder, "prune");
    await removePoint(store, folder);
  }
  await appendEntry(context, () => removals.after);
  return { to: copy, increments };
}

async function copyRecorded(context: CopyContext, manifest: Manifest, parent: Manifest["parent"]): Promise<string> {
  const id = copyIdOf(manifest.id);
  await appendEntry(context, () => [{ does: "began", point: id }]);
  const { sha256, increments, end } = await copyBackup(context, manifest, parent, id);
  await appendEntry(context, () => [
    { does: "added", point: id, sha256, why: `${manifest.id} for the keys of today` },
    ...(increments === 0 ? [] : [{ does: "chain", point: id, number: increments, sha256: end } as const]),
  ]);
  return id;
}

/** The chain that a compacted backup was made from, under its present name. */
async function parentOf(
  { store, keyring }: CopyContext,
  { parent }: Manifest,
  copies: ReadonlyMap<string, string>,
): Promise<Manifest["parent"]> {
  const base = parent === null ? undefined : copies.get(parent.base);
  if (parent === null || base === undefined) return parent;
  const { segment } = parent;
  // Where a prune has removed that increment, the link names what it was made of, and nothing that is there.
  if (segment > 0 && !(await listSegments(store, base)).includes(segment)) return parent;
  return { ...parent, base, sha256: (await readLink(store, base, segment, keyring)).sha256 };
}

/** Open to the recipients of today and to no other, and signed by the signer of today, with all increments. */
async function isCurrent({ store, keyring, signer }: CopyContext, { id, encryption }: Manifest): Promise<boolean> {
  const isOpenToThem = async ({ profile, recipients }: Manifest["encryption"]): Promise<boolean> => {
    const wanted = (await keyring.recipients(profile)).map(({ fingerprint }) => fingerprint);
    const has = recipients.map(({ fingerprint }) => fingerprint);
    return wanted.toSorted().join() === has.toSorted().join();
  };
  if (!(await isOpenToThem(encryption))) return false;
  if (!(await isSignedBy(store, backupPath(id, "manifest.json"), signer.toPublic()))) return false;
  for (const number of await listSegments(store, id)) {
    const { manifest } = await readSegment(store, id, number, keyring);
    if (!(await isOpenToThem(manifest.encryption))) return false;
    if (!(await isSignedBy(store, `${segmentFolder(id, number)}/manifest.json`, signer.toPublic()))) return false;
  }
  return true;
}
