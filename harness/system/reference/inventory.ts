// Everything that is in a vault, as a prune has to see it: restore points with what is remembered of them, and those that
// cannot be trusted, which nobody but their owner may remove.
import { messageOf } from "../../base/errors.ts";
import { folderOf } from "./garbage.ts";
import type { Keyring } from "./keyring.ts";
import { readPin } from "./pin.ts";
import type { RetentionPoint } from "./retention.ts";
import { readChain, segmentPath } from "./segments.ts";
import type { Store, StoredObject } from "./store.ts";
import { readValidation } from "./validation.ts";
import { backupFolder, listBackupIds, readManifest } from "./vault.ts";

interface StoredPoint {
  readonly point: RetentionPoint;
  readonly objects: readonly StoredObject[];
  readonly bytes: number;
}

export interface Inventory {
  /** By id: a backup as `<id>`, an increment as `<id of its base>/<number>`. */
  readonly points: ReadonlyMap<string, StoredPoint>;
  /** Restore points that were left out, one sentence each. */
  readonly leftAlone: readonly string[];
}

export async function readInventory(store: Store, keyring: Keyring, signal: AbortSignal): Promise<Inventory> {
  const objects = [...(await store.list("backups/")), ...(await store.list("segments/"))];
  const byFolder = Map.groupBy(objects, ({ path }) => folderOf(path));
  const points = new Map<string, StoredPoint>();
  const leftAlone: string[] = [];
  const add = async (
    folder: string,
    point: Pick<RetentionPoint, "id" | "atMs" | "asked" | "parent">,
  ): Promise<void> => {
    const held = byFolder.get(folder) ?? [];
    points.set(point.id, {
      point: { ...point, ...(await remembered(store, keyring, folder, held)) },
      objects: held,
      bytes: held.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    });
  };
  const backups = await listBackupIds(store);
  for (const id of backups) {
    signal.throwIfAborted();
    try {
      const { cut } = await readManifest(store, id, keyring);
      await add(backupFolder(id), { id, atMs: Date.parse(cut.at), asked: true });
    } catch (error) {
      leftAlone.push(`${id} is left alone: ${messageOf(error)}`);
      continue;
    }
    let last = id;
    try {
      for await (const { manifest } of readChain(store, id, keyring)) {
        signal.throwIfAborted();
        const { number, toAt, sealed } = manifest;
        const point = {
          id: incrementId(id, number),
          atMs: Date.parse(toAt),
          asked: sealed === "request",
          parent: last,
        };
        await add(folderOf(segmentPath(id, number, "x")), point);
        last = point.id;
      }
    } catch (error) {
      if (signal.aborted) throw error;
      leftAlone.push(`the increments after ${last} are left alone: ${messageOf(error)}`);
      keepFor(points, last, "increments that cannot be trusted stand on it");
    }
  }
  const orphans = new Set(
    objects.flatMap(({ path }) => {
      const [kind, base = "", , name] = path.split("/");
      return kind === "segments" && name === "manifest.json" && !backups.includes(base) ? [base] : [];
    }),
  );
  for (const base of orphans) leftAlone.push(`increments on ${base} are left alone: that backup is not there`);
  return { points, leftAlone };
}

/** What cannot be trusted today may be tomorrow, when the right key is there; it must not outlive what it stands on. */
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
  return { verified, ...(pin === undefined ? {} : { pinned: pin.why }) };
}
