// What a second vault lacks of a first. Restore points never change and have random names, so two vaults differ only in
// which of them they hold; only a chain can go on in both, and then it has two ends that exclude each other.
import { hash } from "node:crypto";
import { holdingsIn, type Holdings, manifestPath, pointObjects } from "../catalogue/holdings.ts";
import { readCatalogue } from "../catalogue/read-catalogue.ts";
import type { Keyring } from "../keys/keyring.ts";
import { folderOf } from "../store/garbage.ts";
import { isPart } from "../store/layout.ts";
import type { Store, StoredObject } from "../store/store.ts";

/** Increments of one chain, `after` < number <= `last`; `after` is 0 where the second vault has none. */
export interface LackingIncrements {
  readonly base: string;
  readonly after: number;
  readonly last: number;
}

export interface Lacking {
  /** Backups to copy, the newest first: it is worth most if the copying ends early. */
  readonly backups: readonly string[];
  /** Chains to go on with, the newest first. */
  readonly chains: readonly LackingIncrements[];
  /** Restore points that the second vault shows and that lost a part there, by their folders. */
  readonly damaged: readonly string[];
  /** Where both hold something else under one name; one sentence each. Both are kept. */
  readonly diverged: readonly string[];
  /** Restore points that only the second vault holds: the first removed them, or they were made there. */
  readonly onlyThere: readonly string[];
  /** Backups and ends of chains that the second vault has removed by its own rules. */
  readonly removedThere: readonly string[];
}

export interface Vaults {
  readonly from: Store;
  readonly to: Store;
  /** Trusts the signers of both. */
  readonly keyring: Keyring;
}

export async function lackingIn(vaults: Vaults): Promise<Lacking> {
  const { from, to } = vaults;
  const [objectsHere, objectsThere] = await Promise.all([pointObjects(from), pointObjects(to)]);
  const [here, there] = [holdingsIn(objectsHere), holdingsIn(objectsThere)];
  const removals = removalsOf(vaults);
  const found = {
    backups: [] as string[],
    chains: [] as LackingIncrements[],
    damaged: [] as string[],
    diverged: [] as string[],
    onlyThere: [] as string[],
    removedThere: [] as string[],
  };
  const forked = new Set<string>();
  for (const id of [...here.manifests].toSorted().toReversed()) {
    const last = here.lastIncrement.get(id) ?? 0;
    const after = there.lastIncrement.get(id) ?? 0;
    if (!there.manifests.has(id)) {
      if (isOlderThanAny(id, there) && (await removals()).backups.has(id)) {
        found.removedThere.push(id);
        continue;
      }
      found.backups.push(id);
    }
    const fork = there.manifests.has(id) ? await firstDifference(vaults, id, Math.min(last, after)) : undefined;
    if (fork !== undefined) {
      forked.add(id);
      found.diverged.push(differenceWords(vaults, id, fork));
    } else if (after > last) found.onlyThere.push(`${rangeWords(last + 1, after)} of ${id}`);
    else if (after < last && (await removals()).chains.has(id))
      found.removedThere.push(`${rangeWords(after + 1, last)} of ${id}`);
    else if (after < last) found.chains.push({ base: id, after, last });
  }
  found.onlyThere.push(...[...there.manifests].filter((id) => !here.manifests.has(id)));
  const damaged = damagedIn(objectsHere, objectsThere);
  // Parts of another backup belong to it.
  found.damaged.push(...damaged.filter((folder) => !forked.has(folder.split("/")[1] ?? "")));
  return found;
}

/** Told by the sizes in a listing; bytes that changed are found by a verify of the second vault. */
function damagedIn(here: readonly StoredObject[], there: readonly StoredObject[]): readonly string[] {
  const sizes = new Map(there.map(({ path, sizeBytes }) => [path, sizeBytes]));
  const isDamaged = ({ path, sizeBytes }: StoredObject): boolean =>
    isPart(path) && sizes.has(`${folderOf(path)}/manifest.json`) && sizes.get(path) !== sizeBytes;
  return [...new Set(here.filter(isDamaged).map(({ path }) => folderOf(path)))];
}

function isOlderThanAny(id: string, { manifests }: Holdings): boolean {
  return [...manifests].some((other) => other > id);
}

/**
 * The first restore point that both hold and that differs, as the number of the increment or 0 for the backup. Each
 * manifest names the hash of the one before it: where two are equal, all before them are.
 */
async function firstDifference({ from, to }: Vaults, id: string, common: number): Promise<number | undefined> {
  const isEqual = async (number: number): Promise<boolean> => {
    const path = manifestPath(id, number);
    const [one, other] = await Promise.all([from.get(path), to.get(path)]);
    // What a prune removes meanwhile does not differ.
    return one === undefined || other === undefined || hash("sha256", one) === hash("sha256", other);
  };
  // The backup may have been exchanged under its increments.
  if (!(await isEqual(0))) return 0;
  if (common === 0 || (await isEqual(common))) return undefined;
  let [equal, differs] = [0, common];
  while (differs - equal > 1) {
    const middle = Math.floor((equal + differs) / 2);
    if (await isEqual(middle)) equal = middle;
    else differs = middle;
  }
  return differs;
}

function differenceWords({ from, to }: Vaults, id: string, number: number): string {
  if (number === 0) return `${id} is another backup in ${to.where} than in ${from.where}; both are kept`;
  return (
    `the chain of ${id} went on in both: from increment ${number} on it is another one in ${to.where} than in ` +
    `${from.where}; both are kept`
  );
}

function rangeWords(first: number, last: number): string {
  return first === last ? `increment ${first}` : `increments ${first} to ${last}`;
}

interface Removals {
  readonly backups: ReadonlySet<string>;
  /** Bases of the chains whose last increments were removed. */
  readonly chains: ReadonlySet<string>;
}

/**
 * What the second vault held once and removed: it has its own retention, and what that removes is not copied again. The
 * whole catalogue says so, which is read only when something old is missing.
 */
function removalsOf({ to, keyring }: Vaults): () => Promise<Removals> {
  let read: Promise<Removals> | undefined;
  const readAll = async (): Promise<Removals> => {
    const held = new Set<string>();
    const reached = new Map<string, number>();
    const backups = new Set<string>();
    const chains = new Set<string>();
    for (const { entry } of (await readCatalogue(to, keyring, 1))?.entries ?? [])
      for (const { does, point, number = 0 } of entry.events) {
        if (point === undefined) continue;
        if (does === "added") held.add(point);
        if (does === "removed" && held.has(point)) backups.add(point);
        if (does === "chain") {
          if (number < (reached.get(point) ?? 0)) chains.add(point);
          reached.set(point, number);
        }
      }
    return { backups, chains };
  };
  return () => (read ??= readAll());
}
