// The content of a vault as a prune needs it: restore points with their pins and verify records, and those that cannot
// be trusted, which only the user may remove.
import { systemClock } from "../../base/clock.ts";
import { DrillError, errorMessage } from "../../base/errors.ts";
import { folderOf } from "../store/garbage.ts";
import type { Keyring } from "../keys/keyring.ts";
import type { Manifest } from "../store/manifest.ts";
import { suspicionWords } from "../store/noise.ts";
import { readPin } from "../store/pin.ts";
import type { RetentionPoint } from "./retention.ts";
import {
  futureWords,
  isInFuture,
  type SizedBackup,
  shrinkages,
  shrinkageWords,
  sizedBackup,
} from "../store/shrinkage.ts";
import { readChain, segmentFolder } from "../chain/segments.ts";
import { pointObjects } from "../store/layout.ts";
import { type Store, StoreError, type StoredObject } from "../store/store.ts";
import { marksUnfinished } from "../store/unfinished.ts";
import { readValidation } from "../store/validation.ts";
import { backupFolder, backupIdsOf, backupPath, baseOf, isBackupId, readManifest } from "../store/vault.ts";

interface StoredPoint {
  readonly point: RetentionPoint;
  readonly folder: string;
  readonly bytes: number;
  readonly objects: readonly StoredObject[];
}

export interface Inventory {
  /** Restore points by id: a backup as `<id>`, an increment as `<id of its base>/<number>`. */
  readonly points: ReadonlyMap<string, StoredPoint>;
  /**
   * Restore points that no prune removes and no rule counts, because they are damaged or cannot be trusted; one
   * sentence each.
   */
  readonly leftAlone: readonly string[];
  /** The same by folder, for `vault discard`. */
  readonly damaged: ReadonlyMap<string, string>;
  /** The folders of those that the store could not give now, which says nothing about them. */
  readonly unread: ReadonlySet<string>;
}

export async function readInventory(store: Store, keyring: Keyring, signal: AbortSignal): Promise<Inventory> {
  const objects = await pointObjects(store);
  const byFolder = Map.groupBy(objects, ({ path }) => folderOf(path));
  const points = new Map<string, StoredPoint>();
  const sizes: SizedBackup[] = [];
  const suspected = new Map<string, string>();
  const damaged = new Map<string, string>();
  const unread = new Set<string>();
  const leave = (folder: string, why: string, error?: unknown): void => {
    damaged.set(folder, why);
    if (error instanceof StoreError) unread.add(folder);
  };
  const add = async (
    folder: string,
    point: Pick<RetentionPoint, "id" | "atMs" | "asked" | "parent">,
  ): Promise<void> => {
    const held = byFolder.get(folder) ?? [];
    points.set(point.id, {
      point: { ...point, ...(await remembered(store, keyring, folder, held)) },
      folder,
      bytes: held.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
      objects: held,
    });
  };
  // Read from this listing, so that a backup that completes meanwhile is not listed without parts.
  const backups = backupIdsOf(objects);
  for (const id of backups) {
    signal.throwIfAborted();
    try {
      const manifest = await readManifest(store, id, keyring);
      const { cut } = manifest;
      partsMustBeThere(manifest, backupFolder(id), byFolder.get(backupFolder(id)));
      await add(backupFolder(id), { id, atMs: Date.parse(cut.at), asked: true });
      sizes.push(sizedBackup({ manifest, isFaulty: points.get(id)?.point.verified === "bad" }));
      if (manifest.suspicion !== undefined) suspected.set(id, suspicionWords(manifest.suspicion));
    } catch (error) {
      if (signal.aborted) throw error;
      // A prune may have removed it since it was listed.
      if (await isGone(store, id)) continue;
      leave(backupFolder(id), `${id} is left alone: ${errorMessage(error)}`, error);
      continue;
    }
    let last = id;
    try {
      for await (const { manifest } of readChain(store, id, keyring)) {
        signal.throwIfAborted();
        const { number, toAt, sealed } = manifest;
        const folder = segmentFolder(id, number);
        if (!byFolder.has(folder)) break;
        partsMustBeThere(manifest, folder, byFolder.get(folder));
        const point = {
          id: incrementId(id, number),
          atMs: Date.parse(toAt),
          asked: sealed === "request",
          parent: last,
        };
        await add(folder, point);
        last = point.id;
      }
    } catch (error) {
      if (signal.aborted) throw error;
      leave(`segments/${id}`, `the increments after ${last} are left alone: ${errorMessage(error)}`, error);
      keepFor(points, last, "increments that cannot be trusted depend on it");
    }
  }
  const orphans = new Set(
    objects.flatMap(({ path }) => {
      const [kind, base = "", , name] = path.split("/");
      return kind === "segments" && name === "manifest.json" && !backups.includes(base) ? [base] : [];
    }),
  );
  for (const base of orphans)
    leave(`segments/${base}`, `increments on ${base} are left alone: that backup is not there`);
  for (const [folder, held] of byFolder) {
    const [, base = "", number] = folder.split("/");
    const isKnown =
      base === "" || held.some((object) => marksUnfinished(object) || object.path.endsWith("/manifest.json"));
    if (isKnown) continue;
    leave(
      folder,
      `${nameOf(folder)} is left alone: it has ${held.length} object${held.length === 1 ? "" : "s"} and no manifest`,
    );
    if (number !== undefined) keepFor(points, base, "increments that cannot be trusted depend on it");
  }
  markDoubtful(points, sizes, suspected);
  return { points, leftAlone: [...damaged.values()], damaged, unread };
}

/** Marks the shrunk and suspected backups, and those dated in the future, with all increments that depend on them. */
function markDoubtful(
  points: Map<string, StoredPoint>,
  sizes: readonly SizedBackup[],
  suspected: ReadonlyMap<string, string>,
): void {
  const found = shrinkages(sizes);
  for (const [id, held] of points) {
    const base = baseOf(id);
    const shrunk = found.get(base);
    const isAhead = isInFuture(held.point.atMs, systemClock.nowMs());
    const why = isAhead ? futureWords : shrunk === undefined ? suspected.get(base) : shrinkageWords(shrunk);
    if (why !== undefined) points.set(id, { ...held, point: { ...held.point, doubt: why } });
  }
}

/** Damaged backups that are newer than this one: a restore of the newest backup would skip them. */
export function damagedAfter({ damaged }: Inventory, id: string): readonly string[] {
  return [...damaged].flatMap(([folder, why]) => {
    const of = folder.split("/")[1] ?? "";
    return isBackupId(of) && of > id ? [why] : [];
  });
}

async function isGone(store: Store, id: string): Promise<boolean> {
  return (await store.get(backupPath(id, "manifest.json")).catch(() => null)) === undefined;
}

/** Name of a restore point as shown to users: without the kind of folder. */
function nameOf(folder: string): string {
  return folder.slice(folder.indexOf("/") + 1);
}

/** Checks the parts by their sizes alone, which a listing gives; their hashes are checked by a verify. */
export function partsMustBeThere(
  { parts }: Pick<Manifest, "parts">,
  folder: string,
  held: readonly StoredObject[] | undefined,
): void {
  const sizes = new Map(held?.map(({ path, sizeBytes }) => [path, sizeBytes]));
  for (const { name, storedBytes } of parts) {
    const found = sizes.get(`${folder}/${name}`);
    if (found === storedBytes) continue;
    const is = found === undefined ? "is missing" : `has ${found} bytes and should have ${storedBytes}`;
    throw new DrillError(`${folder}/${name} ${is}`, { exit: "dataWrong", code: "part-damaged" });
  }
}

/**
 * What cannot be trusted today may be tomorrow, when the right key is there; what it depends on must stay until then.
 */
function keepFor(points: Map<string, StoredPoint>, id: string, why: string): void {
  const held = points.get(id);
  if (held !== undefined) points.set(id, { ...held, point: { pinned: why, ...held.point } });
}

export function incrementId(base: string, number: number): string {
  return `${base}/${String(number).padStart(8, "0")}`;
}

async function remembered(
  store: Store,
  keyring: Keyring,
  folder: string,
  held: readonly StoredObject[],
): Promise<Pick<RetentionPoint, "verified" | "pinned">> {
  const names = new Set(held.map(({ path }) => path.slice(folder.length + 1)));
  const pin = names.has("pin.json") ? await readPin(store, folder) : undefined;
  const found = names.has("validation.json") ? await readValidation(store, folder, keyring) : undefined;
  const verified = found === undefined ? "unknown" : found.ok ? "good" : "bad";
  // It counts as bad, but a record that cannot be trusted must not cause the removal of a backup.
  const why = pin?.why ?? (found?.untrusted === true ? found.problems[0] : undefined);
  return { verified, ...(why === undefined ? {} : { pinned: why }) };
}
