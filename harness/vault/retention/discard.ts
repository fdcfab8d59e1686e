// Removes damaged data for good: the only way to remove a restore point that no prune touches because it cannot be
// read. The user names it, after a look at `vault list`; whatever is intact, pinned, in use, or needed by an intact
// restore point is refused.
import { type Clock, systemClock } from "../../base/clock.ts";
import { DrillError, environmentError, usageError } from "../../base/errors.ts";
import { appendEntry } from "../catalogue/append.ts";
import { discardedWords, removalsToRecord } from "../catalogue/removals.ts";
import { chainStart } from "../chain/find-moment.ts";
import { folderOf, usesOf } from "../store/garbage.ts";
import { incrementId, type Inventory, partsMustBeThere, readInventory } from "./inventory.ts";
import type { HeldLock } from "../locks/held-lock.ts";
import type { Keyring } from "../keys/keyring.ts";
import { mustHaveTheRightKeys } from "../keys/right-keys.ts";
import type { Manifest } from "../store/manifest.ts";
import { readPin } from "../store/pin.ts";
import { readChainAfter, segmentFolder } from "../chain/segments.ts";
import type { Store, StoredObject } from "../store/store.ts";
import { marksUnfinished, markUnfinished, removePoint } from "../store/unfinished.ts";
import { backupFolder, baseOf, parsePoint, readManifest } from "../store/vault.ts";
import { lockVault } from "../locks/vault-lock.ts";

export interface DiscardContext {
  readonly store: Store;
  readonly keyring: Keyring;
  readonly signal: AbortSignal;
  readonly clock?: Clock;
}

export interface Discarded {
  /** Restore points as named by `vault list`, in the order of removal: an increment before what it depends on. */
  readonly points: readonly string[];
  readonly objects: number;
  readonly bytes: number;
  /** One sentence for each problem of the damaged restore points. */
  readonly why: readonly string[];
}

/** A folder of the vault to be removed. */
interface Going {
  readonly id: string;
  readonly folder: string;
  readonly objects: readonly StoredObject[];
}

/**
 * `id` is that of a backup, which is removed with the increments on it, or `<backup>/<number>`, which is removed with
 * all later increments. Without `sure` everything is checked, and the error says what would be removed.
 */
export async function discard(
  { store, keyring, clock = systemClock, ...context }: DiscardContext,
  id: string,
  sure: boolean,
): Promise<Discarded> {
  const { base, number } = parsePoint(id);
  await using lock = await lockVault(store, "discard", { clock });
  const signal = AbortSignal.any([context.signal, lock.signal]);
  const inventory = await readInventory(store, keyring, signal);
  const going = await find(store, base, number);
  if (going.length === 0) throw usageError(`${store.where} holds nothing of ${id}`, "See: falkordrill vault list");
  mustBeDamaged(inventory, id, going);
  if (inventory.points.size === 0) await mustHaveTheRightKeys(store, keyring, base);
  for (const { id: each, folder } of going) {
    const pin = await readPin(store, folder);
    if (pin !== undefined)
      throw usageError(`${each} is pinned: ${pin.why}`, `Nothing was touched. See: falkordrill vault unpin ${each}`);
  }
  await mustNotBeNeeded(store, keyring, inventory, base, going);
  const objects = going.flatMap((point) => point.objects);
  const discarded: Discarded = {
    points: going.map((point) => point.id),
    objects: objects.length,
    bytes: objects.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    why: whyOf(inventory, base, going),
  };
  if (!sure)
    throw usageError(
      `${discarded.points.join(", ")} would go for good, ${discarded.objects} objects: ${discarded.why.join("; ")}`,
      "Nothing was touched. If the right key ring was given and no copy of what is missing can be found: --yes.",
    );
  await announce(lock, base, going);
  const record = { store, keyring, clock };
  const why = `${discardedWords}: ${discarded.why.join("; ")}`;
  const { before, after } = await removalsToRecord(store, discarded.points, why);
  await appendEntry(record, () => before);
  await remove(store, lock, going, signal);
  await appendEntry(record, () => after);
  return discarded;
}

/** The increments from `number` on, the last first; with number 0 all of them, and the backup itself. */
async function find(store: Store, base: string, number: number): Promise<readonly Going[]> {
  const listed = [...(await store.list(`backups/${base}/`)), ...(await store.list(`segments/${base}/`))];
  const folders = Map.groupBy(listed, ({ path }) => folderOf(path));
  const numbers = [...folders.keys()].flatMap((folder) => {
    const found = /^segments\/[^/]+\/(\d{8})$/.exec(folder)?.[1];
    return found === undefined || Number(found) < number ? [] : [Number(found)];
  });
  const going = numbers
    .toSorted((a, b) => b - a)
    .map((each) => ({ id: incrementId(base, each), folder: segmentFolder(base, each) }));
  const all = number === 0 ? [...going, { id: base, folder: backupFolder(base) }] : going;
  return all.flatMap(({ id, folder }) => {
    const objects = folders.get(folder);
    return objects === undefined ? [] : [{ id, folder, objects }];
  });
}

function mustBeDamaged({ points, damaged, unread }: Inventory, asked: string, going: readonly Going[]): void {
  const unknown = going.find(({ folder }) => unread.has(folder) || unread.has(folderOf(folder)));
  if (unknown !== undefined)
    throw environmentError(
      `${unknown.id} cannot be read now, which does not mean that it is damaged: ${[...damaged.values()].join("; ")}`,
      "Nothing was touched. Try again once the store gives what it holds.",
    );
  const whole = going.find(({ id }) => points.has(id));
  if (whole !== undefined) {
    const first = [...damaged.keys()].find((folder) => folder.startsWith(`segments/${baseOf(whole.id)}`));
    const further = first === undefined ? "" : ` It has increments that are damaged; name the first: <id>/<number>.`;
    throw usageError(
      `${whole.id} is whole${whole.id === asked ? "" : `, and would go with ${asked}`}`,
      `Nothing was touched.${further} What is whole is removed by falkordrill vault prune.`,
    );
  }
  const unfinished = going.find(({ objects }) => objects.some(marksUnfinished));
  if (unfinished !== undefined)
    throw usageError(
      `${unfinished.id} is what a run left that did not end`,
      "Nothing was touched. The next backup or prune removes it, or the run that is at it ends it.",
    );
}

/** Refuses if a compacted backup of this chain needs the increments after it. */
async function mustNotBeNeeded(
  store: Store,
  keyring: Keyring,
  { points }: Inventory,
  base: string,
  going: readonly Going[],
): Promise<void> {
  for (const id of points.keys()) {
    if (id.includes("/")) continue;
    const manifest = await readManifest(store, id, keyring);
    if (manifest.parent?.base !== base) continue;
    const needed = await wholeIncrements(store, keyring, manifest, going);
    if (needed.length === 0) continue;
    throw usageError(
      `${needed.join(", ")} would go as well, and ${id}, which was made of that chain, is followed by it`,
      "Nothing was touched. Discard from the first damaged increment on, or remove that backup first.",
    );
  }
}

/** The increments among those to be removed that can be replayed on a compacted backup. */
async function wholeIncrements(
  store: Store,
  keyring: Keyring,
  compacted: Manifest,
  going: readonly Going[],
): Promise<readonly string[]> {
  const objects = new Map(going.map((point) => [point.id, point.objects]));
  const whole: string[] = [];
  try {
    for await (const { manifest } of readChainAfter(store, await chainStart(store, compacted, keyring), keyring)) {
      const id = incrementId(manifest.base, manifest.number);
      const held = objects.get(id);
      if (held === undefined) continue;
      partsMustBeThere(manifest, segmentFolder(manifest.base, manifest.number), held);
      whole.push(id);
    }
  } catch (error) {
    // The chain of the compacted backup ends there, too.
    if (!(error instanceof DrillError)) throw error;
  }
  return whole;
}

function whyOf({ damaged }: Inventory, base: string, going: readonly Going[]): readonly string[] {
  const folders = new Set([...going.map(({ folder }) => folder), `segments/${base}`]);
  return [...damaged].flatMap(([folder, why]) => (folders.has(folder) ? [why] : []));
}

/** A process that begins to use it from now on is refused; one that began before is seen. */
async function announce(lock: HeldLock, base: string, going: readonly Going[]): Promise<void> {
  await lock.announceRemovals(going.map(({ id }) => id));
  const user = [...usesOf(await lock.others())].find(([id]) => baseOf(id) === base);
  if (user !== undefined) throw environmentError(`${user[0]} is in use: ${user[1]}`, "Wait for that run to end.");
}

async function remove(store: Store, lock: HeldLock, going: readonly Going[], signal: AbortSignal): Promise<void> {
  for (const { folder } of going) {
    signal.throwIfAborted();
    await lock.mustHold();
    await markUnfinished(store, folder, "prune");
    await removePoint(store, folder);
    // A broken link is not an object, and would keep the folder.
    await store.delete(`${folder}/manifest.json`).catch(() => {});
  }
}
