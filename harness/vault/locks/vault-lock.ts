// The processes that use a vault. One writer at a time (backup, prune, the record of a verify), plus any number of
// leases, which say what their owners use: a prune leaves that alone, and a lease of what a prune removes is refused.
//
// Safe on any store whose reads see all finished writes: every process first writes its own entry and then reads all of
// them, so of two at the same time at least one sees the other.
import { randomBytes } from "node:crypto";
import { passPoint } from "../../base/process/crash-point.ts";
import { type Clock, systemClock } from "../../base/clock.ts";
import { endedBy } from "../../base/deadline.ts";
import { DrillError, environmentError } from "../../base/errors.ts";
import { FatalProbeError, waitFor } from "../../base/wait.ts";
import { describeLock, type LockEntry, lockPath, readLocks, type SeenLock, writeLock } from "./lock-entries.ts";
import { HeldLock } from "./held-lock.ts";
import { thisProcess } from "./lock-owner.ts";
import { deleteOrEmpty, type Store, StoreError } from "../store/store.ts";

/** Lifetime of a lock; renewed ten times as often, and longer than the clocks of two machines differ. */
export const lockTtlMs = 600_000;
const askingTtlMs = 60_000;
const askingTimeoutMs = 20_000;
/** Whoever makes room without a lock needs a moment. */
const fullTimeoutMsDefault = 10_000;

/** How long to wait for a store that does not answer any more. */
const returnTimeoutMs = 10_000;

export interface LockOptions {
  readonly clock?: Clock;
  readonly ttlMs?: number;
}

interface LockWait extends LockOptions {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** How long a full vault that nobody has locked is waited for. */
  readonly fullTimeoutMs?: number;
}

/** Takes the exclusive lock, or reports at once who holds it. */
export async function lockVault(store: Store, does: string, options: LockOptions = {}): Promise<HeldLock> {
  const { clock = systemClock, ttlMs = lockTtlMs } = options;
  const entry = await newEntry(clock, { does, exclusive: true, state: "asking", ttlMs: askingTtlMs });
  const notes: string[] = [];
  let lock: HeldLock | undefined;
  let isWritten = false;
  const withdraw = async (): Promise<void> => {
    await deleteOrEmpty(store, lockPath(entry.token));
    isWritten = false;
  };
  const probe = async (): Promise<true | undefined> => {
    const before = await rivals(store, entry.token, clock, notes);
    const held = before.find((rival) => rival.entry?.state !== "asking");
    if (held !== undefined) throw new FatalProbeError(refusal(store, held));
    if (isWritten && before.length === 0) return true;
    if (!isWritten && before.length === 0) {
      await writeLock(store, entry);
      isWritten = true;
    } else if (isWritten && before.some((rival) => (rival.entry?.token ?? "") < entry.token)) {
      // Of several candidates the one with the lowest token stays, so that one of them gets the lock.
      await withdraw();
    }
    return undefined;
  };
  try {
    const what = `the lock of the vault ${store.where}`;
    // Candidates that ask at once need some turns to agree, each of a few requests.
    const waiting = {
      what,
      timeoutMs: askingTimeoutMs,
      intervalMs: 1,
      intervalMaxMs: 500,
      exit: "environment",
    } as const;
    await waitFor(() => probe().catch(endIfBroken), waiting);
    lock = new HeldLock(store, { ...entry, state: "held" }, { clock, ttlMs, notes });
    await lock.renew();
    await lock.mustHold();
    passPoint("lock/held");
    return lock;
  } catch (error) {
    await lock?.[Symbol.asyncDispose]().catch(() => {});
    await withdraw().catch(() => {});
    throw error;
  }
}

/** A store that cannot be written to now will not be in a minute. */
function endIfBroken(error: unknown): never {
  throw error instanceof StoreError ? new FatalProbeError(error) : error;
}

/**
 * Waits for the exclusive lock, for work that is worth it: after a verify of minutes only its record is left to write.
 * A full vault that nobody has locked is waited for only briefly, as nobody is pruning it.
 */
export async function awaitLock(
  store: Store,
  does: string,
  { timeoutMs, signal, fullTimeoutMs = fullTimeoutMsDefault, ...options }: LockWait,
): Promise<HeldLock> {
  const what = `the lock of the vault ${store.where}`;
  let taking: Promise<HeldLock> | undefined;
  let fullSinceMs: number | undefined;
  const again = (error: unknown): never => {
    if (!(error instanceof StoreError) || error.code !== "full") {
      fullSinceMs = undefined;
      return endIfBroken(error);
    }
    const nowMs = systemClock.monotonicMs();
    fullSinceMs ??= nowMs;
    throw nowMs - fullSinceMs < fullTimeoutMs ? error : new FatalProbeError(error);
  };
  const take = (): Promise<HeldLock> => (taking = lockVault(store, does, options)).catch(again);
  try {
    return await waitFor(take, { what, timeoutMs, intervalMaxMs: 1000, signal, exit: "environment" });
  } catch (error) {
    // A lock being taken when the wait was aborted is acquired a moment later, and no caller would release it.
    const returned = taking?.then((lock) => lock[Symbol.asyncDispose]()).catch(() => {});
    await endedBy(Promise.resolve(returned), AbortSignal.timeout(returnTimeoutMs), 0).catch(() => {});
    throw error;
  }
}

/**
 * A lease on backups that are read or built upon: a prune leaves them, and everything that they depend on. Throws where
 * a prune is removing one of them. A read-only vault can be read all the same, and the lease says so in a note; with
 * `evenIfFull` so can one that is full.
 */
export async function useBackups(
  store: Store,
  does: string,
  uses: readonly string[],
  { clock = systemClock, ttlMs = lockTtlMs, evenIfFull = false }: LockOptions & { readonly evenIfFull?: boolean } = {},
): Promise<HeldLock> {
  const entry = { ...(await newEntry(clock, { does, exclusive: false, state: "held", ttlMs })), uses };
  const notes: string[] = [];
  const lock = new HeldLock(store, entry, { clock, ttlMs, notes });
  try {
    await lock.renew();
  } catch (error) {
    await lock[Symbol.asyncDispose]().catch(() => {});
    const isUnseen =
      error instanceof StoreError && (error.code === "read-only" || (evenIfFull && error.code === "full"));
    if (!isUnseen) throw error;
    const note = `${store.where} cannot be written to, so a prune cannot see this ${does}`;
    return new HeldLock(store, entry, { clock, ttlMs, notes: [note], unseen: true });
  }
  try {
    const others = await lock.others();
    await removeEnded(store, others, notes);
    const prune = others.find(({ ownerState, entry: other }) => isLive(ownerState) && removesAny(other, uses));
    if (prune !== undefined) throw new BeingRemovedError(uses, prune);
    passPoint("lease/taken");
    return lock;
  } catch (error) {
    await lock[Symbol.asyncDispose]().catch(() => {});
    throw error;
  }
}

/** A prune, or another removal, was first. */
export class BeingRemovedError extends DrillError {
  override readonly name = "BeingRemovedError";

  constructor(uses: readonly string[], prune: SeenLock) {
    super(`${uses.join(", ")} is being removed right now: ${describeLock(prune)}`, {
      exit: "environment",
      hint: "Choose another backup: falkordrill vault list.",
    });
  }
}

/** A backup is used with all the increments on it; an increment, `<base>/<number>`, with what it depends on. */
function removesAny(entry: LockEntry | undefined, uses: readonly string[]): boolean {
  return entry?.removes.some((point) => uses.some((used) => point === used || point.startsWith(`${used}/`))) ?? false;
}

export function isLive(ownerState: SeenLock["ownerState"]): boolean {
  return ownerState === "alive" || ownerState === "unknown";
}

async function newEntry(
  clock: Clock,
  { ttlMs, ...what }: Pick<LockEntry, "does" | "exclusive" | "state"> & { readonly ttlMs: number },
): Promise<LockEntry> {
  const nowMs = clock.nowMs();
  return {
    token: randomBytes(8).toString("hex"),
    owner: await thisProcess(),
    ...what,
    since: new Date(nowMs).toISOString(),
    expiresAt: new Date(nowMs + ttlMs).toISOString(),
    uses: [],
    removes: [],
  };
}

/** Other processes that hold or request the exclusive lock. Entries of dead owners are removed, with a note. */
async function rivals(store: Store, token: string, clock: Clock, notes: string[]): Promise<readonly SeenLock[]> {
  const others = await readLocks(store, clock, token);
  await removeEnded(store, others, notes);
  return others.filter(({ ownerState, entry }) => isLive(ownerState) && entry?.exclusive !== false);
}

async function removeEnded(store: Store, others: readonly SeenLock[], notes: string[]): Promise<void> {
  for (const other of others.filter(({ ownerState }) => !isLive(ownerState))) {
    await deleteOrEmpty(store, other.path);
    const why =
      other.ownerState === "dead" ? "whose process has ended" : `which expired at ${String(other.entry?.expiresAt)}`;
    notes.push(`took over a lock ${why}: ${describeLock(other)}`);
  }
}

function refusal(store: Store, held: SeenLock): DrillError {
  const next =
    held.ownerState === "alive"
      ? "Wait for that run to end."
      : `If it is gone for good: falkordrill vault unlock${held.entry === undefined ? "" : `; by itself the lock ends at ${held.entry.expiresAt}`}.`;
  return environmentError(`the vault ${store.where} is locked for ${describeLock(held)}`, next);
}
