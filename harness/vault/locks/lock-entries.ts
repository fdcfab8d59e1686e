// The locks of a vault are objects, one each, under names that are never reused: `locks/<token>.json`. So the lock of a
// dead process can be removed without the risk of removing a lock that another process has taken meanwhile.
import { z } from "zod";
import type { Clock } from "../../base/clock.ts";
import { DrillError } from "../../base/errors.ts";
import { type LockOwner, lockOwnerSchema, ownerStateOf } from "./lock-owner.ts";
import { eachInParallel } from "../parts/in-parallel.ts";
import { isEmptied, type Store } from "../store/store.ts";

export const locksPrefix = "locks/";
/** A lock of a prune names all that it removes. */
const lockBytesMax = 2 ** 23;
const readsAtOnce = 4;

export interface LockEntry {
  readonly token: string;
  readonly owner: LockOwner;
  /** Purpose of the lock, completing "is locked for ...": backup, prune, restore. */
  readonly does: string;
  /** Only one exclusive lock at a time; the others are leases of readers and archivers, of which there may be many. */
  readonly exclusive: boolean;
  /** `asking` until it is certain that no other process holds it. */
  readonly state: "asking" | "held";
  readonly since: string;
  /** Extended while the lock is held. An owner that cannot be checked from here counts as dead after this time. */
  readonly expiresAt: string;
  /** Backups that must stay, with everything that they depend on. */
  readonly uses: readonly string[];
  /** Restore points that are about to be removed; no process may begin to use them. */
  readonly removes: readonly string[];
}

const entrySchema: z.ZodType<LockEntry> = z.object({
  token: z.string(),
  owner: lockOwnerSchema,
  does: z.string(),
  exclusive: z.boolean(),
  state: z.enum(["asking", "held"]),
  since: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  uses: z.array(z.string()),
  removes: z.array(z.string()),
});

export interface SeenLock {
  readonly path: string;
  /** Undefined for an object that is not understood: it counts as held by an unknown owner. */
  readonly entry: LockEntry | undefined;
  readonly ownerState: "alive" | "dead" | "expired" | "unknown";
}

/** Purpose of the lease that an archiver of this server holds. */
export function archiveOf(server: string): string {
  return `archive of ${server}`;
}

export function isArchiveLease(entry: LockEntry | undefined): boolean {
  return entry?.does.startsWith(archiveOf("")) ?? false;
}

export function lockPath(token: string): string {
  return `${locksPrefix}${token}.json`;
}

export async function writeLock(store: Store, entry: LockEntry): Promise<void> {
  await store.put(lockPath(entry.token), Buffer.from(`${JSON.stringify(entry)}\n`));
}

/**
 * Every lock but that of `own`, and the state of its owner as seen from here: `expired` is an owner elsewhere whose lock
 * has expired.
 */
export async function readLocks(store: Store, clock: Clock, own?: string): Promise<readonly SeenLock[]> {
  const objects = await store.list(locksPrefix);
  const seen = await eachInParallel(readsAtOnce, objects, async (object): Promise<SeenLock | undefined> => {
    const { path } = object;
    if (isEmptied(object) || (own !== undefined && path === lockPath(own))) return undefined;
    const bytes = await store.get(path, lockBytesMax).catch(unlessDamaged);
    // It was released between the two reads.
    if (bytes?.length === 0 || bytes === undefined) return undefined;
    const entry = parseEntry(bytes);
    return { path, entry, ownerState: entry === undefined ? "unknown" : await ownerStateAt(entry, clock) };
  });
  return seen.filter((lock) => lock !== undefined);
}

async function ownerStateAt(entry: LockEntry, clock: Clock): Promise<SeenLock["ownerState"]> {
  const ownerState = await ownerStateOf(entry.owner);
  return ownerState === "unknown" && clock.nowMs() > Date.parse(entry.expiresAt) ? "expired" : ownerState;
}

/** An object that cannot be read must not keep `vault unlock` from removing it. */
function unlessDamaged(error: unknown): Buffer {
  if (error instanceof DrillError && error.findingCode === "object-damaged") return Buffer.from("damaged");
  throw error;
}

function parseEntry(bytes: Buffer): LockEntry | undefined {
  try {
    return entrySchema.parse(JSON.parse(bytes.toString("utf8")));
  } catch {
    return undefined;
  }
}

/** "backup by process 17 on db1 since 2026-11-21T00:00:00.000Z" */
export function describeLock({ path, entry }: Pick<SeenLock, "path" | "entry">): string {
  if (entry === undefined) return `something that this program does not understand (${path})`;
  return `${entry.does} by process ${entry.owner.pid} on ${entry.owner.host} since ${entry.since}`;
}
