// Resolves a user's arguments to a restore point of a vault and a moment after it.
import { systemClock } from "../../base/clock.ts";
import { DrillError, usageError } from "../../base/errors.ts";
import type { RecoveryTarget } from "../chain/find-moment.ts";
import { damagedAfter, readInventory } from "../retention/inventory.ts";
import type { RestoreContext } from "./restore.ts";
import { listPoints, type BackupSummary } from "../store/restore-points.ts";
import { isInFuture, shrinkages, shrinkageWords, sizedBackup } from "../store/shrinkage.ts";
import { trustedBackups } from "../store/trusted-backups.ts";
import { listSegments, readSegment } from "../chain/segments.ts";
import { idTimeMs, isBackupId, listBackupIds, readManifest } from "../store/vault.ts";

/** A full backup, and with a moment how far to go beyond it. */
export interface AskedMoment {
  readonly point: string;
  readonly at: RecoveryTarget | undefined;
}

const idsShown = 3;

/** What `restore [id] --at <moment>` names. */
export async function momentAsked(
  context: RestoreContext,
  id: string | undefined,
  text: string | undefined,
): Promise<AskedMoment> {
  const named = id === "latest" ? undefined : id;
  if (text === undefined) return { point: named ?? (await newestToRestore(context)), at: undefined };
  const [base = "", number] = text.split("/");
  if (isBackupId(base)) {
    if (named !== undefined && named !== base)
      throw usageError(`the backup ${named} and --at ${text} name two backups`, "Leave one of them out.");
    return await restorePoint(context, base, number);
  }
  const at = momentOf(text);
  return { point: named ?? (await newestBefore(context, at)), at };
}

/** A backup by its id, or an increment as `<id>/<number>`: the moment of it, and nothing after. */
async function restorePoint(context: RestoreContext, base: string, number: string | undefined): Promise<AskedMoment> {
  const { store, keyring } = context;
  const ids = await listBackupIds(store);
  if (!ids.includes(base)) {
    const newest = ids.slice(-idsShown).toReversed().join(", ");
    const there = ids.length === 0 ? "It holds none yet." : `The newest are ${newest}; see: falkordrill vault list`;
    throw usageError(`${store.where} has no backup ${base}`, there);
  }
  if (number === undefined) return { point: base, at: undefined };
  const segments = await listSegments(store, base);
  if (!/^\d{1,8}$/.test(number) || !segments.includes(Number(number)))
    throw usageError(
      `${base} has no increment ${number}`,
      segments.length === 0 ? "It has none." : `It has ${segments[0] ?? 1} to ${segments.at(-1) ?? 1}.`,
    );
  const { manifest } = await readSegment(store, base, Number(number), keyring);
  return { point: base, at: { offset: manifest.to } };
}

/** Parses a moment as given on the command line. */
function momentOf(text: string): RecoveryTarget {
  if (text === "latest") return "latest";
  if (/^\d+$/.test(text)) return { offset: Number(text) };
  const isTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(text) && !Number.isNaN(Date.parse(text));
  if (isTime) return { time: new Date(text).toISOString() };
  throw usageError(
    `--at ${text} is not a valid moment`,
    "It takes a time such as 2026-11-24T13:00:00Z, an offset, the id of a backup, or latest.",
  );
}

/** The base backup of a moment: the newest whose cut is not after it. */
async function newestBefore(context: RestoreContext, at: RecoveryTarget): Promise<string> {
  if (at === "latest") return await newestToRestore(context, { withIncrements: true });
  const points = await listPoints(context.store, context.keyring);
  const isBefore = ({ cutAt, cutOffset }: BackupSummary): boolean =>
    "time" in at ? Date.parse(cutAt) <= Date.parse(at.time) : (cutOffset ?? Number.POSITIVE_INFINITY) <= at.offset;
  const point = points
    .filter(isBefore)
    .toSorted((a, b) => Date.parse(a.cutAt) - Date.parse(b.cutAt))
    .at(-1);
  if (point === undefined)
    throw usageError(
      `${context.store.where} holds no backup from before that moment`,
      points[0] === undefined ? "It holds none yet." : `The oldest is ${points[0].id}, cut at ${points[0].cutAt}.`,
    );
  return point.id;
}

/** A backup of a server that was empty or had suddenly shrunk is restored only by its name. */
async function newestToRestore(
  context: RestoreContext,
  { withIncrements = false }: { readonly withIncrements?: boolean } = {},
): Promise<string> {
  const id = await latest(context);
  if (isInFuture(idTimeMs(id), (context.clock ?? systemClock).nowMs()))
    throw usageError(
      `the newest backup ${id} lies in the future`,
      `Nothing was touched. Look at the clocks, and at who made it (falkordrill vault audit). Name the one to restore.`,
    );
  const shrunk = shrinkages(await Array.fromAsync(trustedBackups(context.store, context.keyring), sizedBackup)).get(id);
  // An archive that began with an empty server has everything in its increments.
  if (shrunk === undefined || (shrunk.earlier === undefined && withIncrements)) return id;
  const other = shrunk.earlier === undefined ? "" : `Restore ${shrunk.earlier.id}, the last one before that. `;
  throw usageError(
    `the newest backup ${id} is of a source that is empty or had suddenly shrunk: ${shrinkageWords(shrunk)}`,
    `Nothing was touched. ${other}To have it all the same, name it: ${id}.`,
  );
}

/** The newest backup that is not the safety snapshot of a restore in place. */
export async function latest({ store, keyring }: RestoreContext): Promise<string> {
  for (const id of (await listBackupIds(store)).toReversed()) {
    // One that cannot be read is refused with its reason by whoever restores it.
    const manifest = await readManifest(store, id, keyring).catch(() => undefined);
    if (manifest?.replacedBy === undefined) return id;
  }
  const { leftAlone } = await readInventory(store, keyring, new AbortController().signal);
  if (leftAlone[0] === undefined) throw usageError(`${store.where} holds no backup yet`);
  throw new DrillError(`${store.where} holds no backup that has its manifest: ${leftAlone[0]}`, { exit: "dataWrong" });
}

/** Damaged backups newer than the newest intact one, as sentences. */
export async function passedOver({ store, keyring }: RestoreContext, newest: string): Promise<readonly string[]> {
  const inventory = await readInventory(store, keyring, new AbortController().signal);
  return damagedAfter(inventory, newest).map((why) => `newer than ${newest} and damaged: ${why}`);
}
