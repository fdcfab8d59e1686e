// Removes what no rule keeps. A restore point ceases to exist with its manifest, so that is removed first, and its
// parts after it; increments are removed before what they depend on. So at any moment, also after a crash, every
// restore point that is listed is complete, and what a crash leaves over is marked as garbage, which the next run
// removes. What cannot be read or trusted is not garbage and stays.
import { passPoint } from "../../base/process/crash-point.ts";
import { type Clock, systemClock } from "../../base/clock.ts";
import { usageError } from "../../base/errors.ts";
import type { Progress } from "../../base/progress.ts";
import { Calendar } from "./calendar.ts";
import { findEmptied, findGarbage, removeGarbage, usesOf } from "../store/garbage.ts";
import type { HeldLock } from "../locks/held-lock.ts";
import { type Inventory, readInventory } from "./inventory.ts";
import type { Keyring } from "../keys/keyring.ts";
import { describeLock } from "../locks/lock-entries.ts";
import { decideRetention, type Decision, type RetentionPoint, type RetentionPolicy } from "./retention.ts";
import { type Store, type StoredObject, StoreError } from "../store/store.ts";
import { objectLocksOf } from "./object-locks.ts";
import { appendEntry } from "../catalogue/append.ts";
import { mustBeComplete } from "../catalogue/check-vault.ts";
import { rememberUnrecorded } from "../catalogue/memory.ts";
import { removalsToRecord } from "../catalogue/removals.ts";
import { unrecorded } from "../catalogue/unrecorded.ts";
import { markUnfinished, removePoint } from "../store/unfinished.ts";
import { isLive, lockVault, useBackups } from "../locks/vault-lock.ts";

export interface PruneOptions {
  readonly rules: RetentionPolicy;
  /** IANA name of the time zone whose calendar days the rules use. */
  readonly zone: string;
  /** Reports what would be removed, and removes nothing. */
  readonly dryRun: boolean;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

export interface PointDecision {
  readonly id: string;
  /** Time of the restore point, ISO 8601. */
  readonly at: string;
  readonly keep: boolean;
  /** Why it stays; empty for what is removed. */
  readonly reasons: readonly string[];
  readonly storedBytes: number;
}

export interface PruneResult {
  /** Newest first, every restore point that could be trusted. */
  readonly decisions: readonly PointDecision[];
  /** Objects left by crashed runs, which are removed as well. */
  readonly garbage: { readonly objects: number; readonly bytes: number; readonly paths: readonly string[] };
  /** One sentence for each restore point that was neither kept nor removed because it cannot be read. */
  readonly leftAlone: readonly string[];
}

export interface PruneContext {
  readonly store: Store;
  readonly keyring: Keyring;
  readonly clock?: Clock;
}

export async function prune(context: PruneContext, request: PruneOptions): Promise<PruneResult> {
  const { store, keyring, clock = systemClock } = context;
  mustSayWhatToKeep(request.rules);
  const calendar = new Calendar(request.zone);
  const nowMs = clock.nowMs();
  // A dry run does not keep writers out.
  await using lock = request.dryRun
    ? await useBackups(store, "prune --dry-run", [], { clock })
    : await lockVault(store, "prune", { clock });
  for (const note of lock.notes) request.progress.note(note);
  const signal = AbortSignal.any([request.signal, lock.signal]);
  request.progress.step("look at what is there");
  // Rules that count backups must not count what is left of them after somebody removed some.
  const notes = await mustBeComplete(context, "Look at it with falkordrill vault audit before anything is pruned.");
  for (const note of notes) request.progress.note(note);
  const uses = new Map(usesOf(await lock.others()));
  const inventory = await readInventory(store, keyring, signal);
  const locked = new Map<string, string>();
  const decide = (): readonly Decision[] =>
    decideRetention(pointsOf(inventory, uses, locked), request.rules, nowMs, calendar);
  // Before anything is removed: of a restore point either all goes or nothing.
  const note = (line: string): void => request.progress.note(line);
  const found = await objectLocksOf(store, inventory, removalsOf(decide()), { signal, note });
  for (const [id, words] of found) locked.set(id, words);
  if (request.dryRun) return outcomeOf(decide(), inventory, await garbageToTell(store, lock, request.progress));

  // A process that begins to use one of these from now on is refused; one that began before is seen, and its points are
  // kept.
  await lock.announceRemovals(removalsOf(decide()));
  for (const [id, user] of usesOf(await lock.others())) uses.set(id, user);
  const decisions = decide();
  const garbage = await findGarbage(store, await lock.others());
  request.progress.step("remove");
  passPoint("prune/decided");
  // First, as the catalogue records what is there besides.
  await removeGarbage(store, lock, [...garbage, ...(await findEmptied(store))], signal);
  await lock.mustHold();
  const removals = removalsOf(decisions);
  const record = { store, keyring, clock };
  const { before, after } = await removalsToRecord(store, removals, "no rule of a prune keeps it");
  const announced = appendEntry(record, async (catalogue) => [...(await unrecorded(store, catalogue)), ...before]);
  // A prune is the way out of a full vault: there it is recorded when there is room again.
  const late = await announced.then(
    () => [],
    whereFull(() => before),
  );
  for (const id of removals) {
    signal.throwIfAborted();
    await lock.mustHold();
    const folder = inventory.points.get(id)?.folder;
    if (folder === undefined) continue;
    await markUnfinished(store, folder, "prune");
    await removePoint(store, folder);
    passPoint("prune/point-removed");
  }
  const done = [...late, ...after];
  await appendEntry(record, () => done).catch(
    // Another process has taken the room.
    whereFull(async () => {
      request.progress.note(
        "the vault is full again: the next backup or prune with this key ring records the removals",
      );
      await rememberUnrecorded(keyring, store.where, done);
    }),
  );
  return outcomeOf(decisions, inventory, garbage);
}

function whereFull<T>(work: () => T): (error: unknown) => T {
  return (error) => {
    if (error instanceof StoreError && error.code === "full") return work();
    throw error;
  };
}

export function mustSayWhatToKeep(rules: RetentionPolicy): void {
  if (Object.values(rules).some((rule) => rule !== undefined && rule !== false && rule !== 0)) return;
  throw usageError(
    "no rule says what to keep, so nothing is removed",
    "Give at least one of --keep-last, --keep-within, --keep-daily, --keep-weekly, --keep-monthly, --keep-yearly; " +
      "--keep-all removes only what crashed runs left.",
  );
}

function pointsOf(
  { points }: Inventory,
  uses: ReadonlyMap<string, string>,
  locks: ReadonlyMap<string, string>,
): readonly RetentionPoint[] {
  return Array.from(points.values(), ({ point }) => {
    const [inUse, locked] = [uses.get(point.id), locks.get(point.id)];
    return { ...point, ...(inUse !== undefined && { inUse }), ...(locked !== undefined && { locked }) };
  });
}

/** Removals in order: an increment before what it depends on. */
function removalsOf(decisions: readonly Decision[]): readonly string[] {
  const gone = decisions.filter(({ keep }) => !keep).map(({ point }) => point.id);
  return gone.sort((a, b) => (a < b ? 1 : -1));
}

/** Not searched while a writer is active, as its unfinished work looks like garbage. */
async function garbageToTell(store: Store, lock: HeldLock, progress: Progress): Promise<readonly StoredObject[]> {
  const others = await lock.others();
  const writer = others.find(({ ownerState, entry }) => isLive(ownerState) && entry?.exclusive !== false);
  if (writer === undefined) return await findGarbage(store, others);
  progress.note(`garbage was not looked for: the vault is locked for ${describeLock(writer)}`);
  return [];
}

function outcomeOf(
  decisions: readonly Decision[],
  { points, leftAlone }: Inventory,
  garbage: readonly StoredObject[],
): PruneResult {
  return {
    decisions: decisions.map(({ point: { id, atMs }, keep, reasons }) => ({
      id,
      at: new Date(atMs).toISOString(),
      keep,
      reasons,
      storedBytes: points.get(id)?.bytes ?? 0,
    })),
    garbage: {
      objects: garbage.length,
      bytes: garbage.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
      paths: garbage.map(({ path }) => path),
    },
    leftAlone,
  };
}
