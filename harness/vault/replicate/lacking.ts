// What a second vault lacks of a first. Restore points never change and have random names, so two vaults differ only in
// which of them they hold; only a chain can go on in both, and then it has two ends that exclude each other.
import { hash } from "node:crypto";
import { firstWithout } from "../chain/halving.ts";
import { holdingsIn, type Holdings, manifestPath } from "../catalogue/holdings.ts";
import type { Keyring } from "../keys/keyring.ts";
import { eachInParallel } from "../parts/in-parallel.ts";
import { folderOf } from "../store/garbage.ts";
import { isPart, markerPath, pointObjects, readLayout } from "../store/layout.ts";
import { whyNotSigned } from "../store/signed.ts";
import { type Store, type StoredObject, StoreError } from "../store/store.ts";
import type { PastRemovals } from "./own-removals.ts";

/** Chains that are compared at once. */
const chainsAtOnce = 16;

/** Increments of one chain, `after` < number <= `last`; up to `after` the second vault has all of them. */
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
  /** Restore points of which both vaults hold a part in another size, or the second one not at all, by their folders. */
  readonly damaged: readonly string[];
  /** Folders of restore points of the first vault of which a verify or a proof has left a record. */
  readonly judged: readonly string[];
  /** Where both hold something else under one name, and what cannot be trusted; one sentence each. Both are kept. */
  readonly problems: readonly string[];
  /** The newest backup of the first vault and its last increment, where the second vault lacks nothing of that chain. */
  readonly inStep?: { readonly base: string; readonly number: number } | undefined;
  /** The newest backup of the first vault. */
  readonly newest?: string;
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

/** `ownRemovals` says what the second vault has removed; it is asked only when something old is missing. */
export async function lackingIn(vaults: Vaults, ownRemovals: () => Promise<PastRemovals>): Promise<Lacking> {
  const { from, to } = vaults;
  const [objectsHere, objectsThere] = await Promise.all([pointObjects(from), pointObjects(to)]);
  await Promise.all([from, to].map(mustBeThere));
  const [here, there] = [holdingsIn(objectsHere), holdingsIn(objectsThere)];
  const increments = incrementsIn(objectsThere);
  const found = {
    backups: [] as string[],
    chains: [] as LackingIncrements[],
    damaged: [] as string[],
    problems: [] as string[],
    onlyThere: [] as string[],
    removedThere: [] as string[],
  };
  let asked: Promise<PastRemovals> | undefined;
  const removals = async (): Promise<PastRemovals> => {
    asked ??= ownRemovals().then((read) => {
      if (read.untrusted !== undefined) found.problems.push(`${to.where}: ${read.untrusted}`);
      return read;
    });
    return await asked;
  };
  let inStep: Lacking["inStep"];
  const ids = [...here.manifests].toSorted().toReversed();
  const [newest] = ids;
  const forks = await firstDifferences(
    vaults,
    ids.map((id) => [id, Math.min(here.lastIncrement.get(id) ?? 0, unbroken(increments.get(id) ?? []))]),
  );
  const forked = new Set<string>();
  for (const id of ids) {
    const last = here.lastIncrement.get(id) ?? 0;
    const numbers = increments.get(id) ?? [];
    const after = unbroken(numbers);
    // An increment that is missing before one that is there was lost: a prune removes the last ones.
    const hasHole = numbers.some((number) => number > after && number <= last);
    if (!there.manifests.has(id)) {
      if (isOlderThanAny(id, there) && (await removals()).backups.has(id)) {
        found.removedThere.push(id);
        continue;
      }
      found.backups.push(id);
    }
    const fork = forks.get(id);
    if (fork !== undefined) {
      forked.add(id);
      found.problems.push(await differenceWords(vaults, id, fork));
    } else if (after > last) found.onlyThere.push(`${rangeWords(last + 1, after)} of ${id}`);
    else if (after < last && !hasHole && (await removals()).chains.has(id))
      found.removedThere.push(`${rangeWords(after + 1, last)} of ${id}`);
    else if (after < last) found.chains.push({ base: id, after, last });
    else if (id === newest && there.manifests.has(id)) inStep = { base: id, number: last };
  }
  found.onlyThere.push(...[...there.manifests].filter((id) => !here.manifests.has(id)));
  const damaged = damagedIn(objectsHere, objectsThere);
  // Parts of another backup belong to it.
  found.damaged.push(...damaged.filter((folder) => !forked.has(folder.split("/")[1] ?? "")));
  const judged = objectsHere.map(({ path }) => path).filter((path) => path.endsWith("/validation.json"));
  return {
    ...found,
    judged: judged.map(folderOf),
    ...(newest === undefined ? {} : { newest }),
    ...(inStep === undefined ? {} : { inStep }),
  };
}

/** A folder that is gone, or a disk that is not mounted any more, lists as empty. */
async function mustBeThere(store: Store): Promise<void> {
  if ((await readLayout(store)) !== undefined) return;
  throw new StoreError(
    "broken",
    `the vault ${store.where} is gone: ${markerPath} is not there any more`,
    "Put the vault back or mount its disk, then run it again.",
  );
}

/** The numbers of the increments of each chain that have a manifest, in order. */
function incrementsIn(objects: readonly StoredObject[]): ReadonlyMap<string, readonly number[]> {
  const found = new Map<string, number[]>();
  for (const { path } of objects) {
    const [, id, number] = /^segments\/([^/]+)\/(\d{8})\/manifest\.json$/.exec(path) ?? [];
    if (id === undefined) continue;
    const numbers = found.get(id);
    if (numbers === undefined) found.set(id, [Number(number)]);
    else numbers.push(Number(number));
  }
  return found;
}

function unbroken(numbers: readonly number[]): number {
  const gap = numbers.findIndex((number, index) => number !== index + 1);
  return gap === -1 ? numbers.length : gap;
}

/** Told by the sizes in a listing; bytes that changed are found by a verify of the second vault. */
function damagedIn(here: readonly StoredObject[], there: readonly StoredObject[]): readonly string[] {
  const sizes = new Map(there.map(({ path, sizeBytes }) => [path, sizeBytes]));
  const isCompared = (path: string): boolean => isPart(path) || path.endsWith("/manifest.json.asc");
  const isDamaged = ({ path, sizeBytes }: StoredObject): boolean =>
    isCompared(path) && sizes.has(`${folderOf(path)}/manifest.json`) && sizes.get(path) !== sizeBytes;
  return [...new Set(here.filter(isDamaged).map(({ path }) => folderOf(path)))];
}

function isOlderThanAny(id: string, { manifests }: Holdings): boolean {
  return [...manifests].some((other) => other > id);
}

/** Several chains at once: a vault far away takes a minute for hundreds of them, one after the other. */
async function firstDifferences(
  vaults: Vaults,
  chains: readonly (readonly [id: string, common: number])[],
): Promise<ReadonlyMap<string, number>> {
  const differing = await eachInParallel(chainsAtOnce, chains, async ([id, common]) => {
    const number = await firstDifference(vaults, id, common);
    return number === undefined ? [] : [[id, number] as const];
  });
  return new Map(differing.flat());
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
  const [isBaseEqual, isEndEqual] = await Promise.all([isEqual(0), common === 0 || isEqual(common)]);
  if (!isBaseEqual) return 0;
  return isEndEqual ? undefined : await firstWithout(isEqual, 0, common);
}

async function differenceWords({ from, to, keyring }: Vaults, id: string, number: number): Promise<string> {
  for (const store of [from, to]) {
    const why = await whyNotSigned(store, manifestPath(id, number), keyring);
    // Not a difference, but damage of the one or the other.
    if (why !== undefined) return `${id} is not copied any further: ${why.message}`;
  }
  if (number === 0) return `${id} is another backup in ${to.where} than in ${from.where}; both are kept`;
  return (
    `the chain of ${id} went on in both: from increment ${number} on it is another one in ${to.where} than in ` +
    `${from.where}; both are kept`
  );
}

export function rangeWords(first: number, last: number): string {
  return first === last ? `increment ${first}` : `increments ${first} to ${last}`;
}
