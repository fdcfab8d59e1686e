// The objects of a vault as a listing shows them, by restore point.
import { manifestPath } from "../catalogue/holdings.ts";
import { folderOf } from "../store/garbage.ts";
import { isOwnName, pointObjects } from "../store/layout.ts";
import type { Store } from "../store/store.ts";
import { baseOf, isBackupId, numberOf } from "../store/vault.ts";

export interface Listing {
  /** `<id>` or `<id>/<number>`, with the size of each of its objects by path. */
  readonly points: ReadonlyMap<string, ReadonlyMap<string, number>>;
  /** What no vault writes, with its size. */
  readonly strays: ReadonlyMap<string, number>;
  /** The last increment of each chain that has a manifest. */
  readonly last: ReadonlyMap<string, number>;
}

export async function readListing(store: Store): Promise<Listing> {
  const points = new Map<string, Map<string, number>>();
  const strays = new Map<string, number>();
  const last = new Map<string, number>();
  for (const { path, sizeBytes } of await pointObjects(store)) {
    const folder = folderOf(path);
    const [, id = "", number] =
      /^(?:backups\/([^/]+)|segments\/([^/]+)\/(\d{8}))$/.exec(folder)?.filter((group) => group !== undefined) ?? [];
    if (!isBackupId(id) || !isOwnName(folder, path)) {
      strays.set(path, sizeBytes);
      continue;
    }
    const point = number === undefined ? id : `${id}/${Number(number)}`;
    if (number !== undefined && path.endsWith("/manifest.json"))
      last.set(id, Math.max(Number(number), last.get(id) ?? 0));
    const held = points.get(point);
    if (held === undefined) points.set(point, new Map([[path, sizeBytes]]));
    else held.set(path, sizeBytes);
  }
  return { points, strays, last };
}

export function manifestOf(point: string): string {
  return manifestPath(baseOf(point), numberOf(point));
}

/** Whether it is a restore point: it has a manifest. */
export function isShown({ points }: Listing, point: string): boolean {
  return points.get(point)?.has(manifestOf(point)) === true;
}

export function lastShown({ last }: Listing, id: string): number {
  return last.get(id) ?? 0;
}

export function folderOfPoint(point: string): string {
  return folderOf(manifestOf(point));
}
