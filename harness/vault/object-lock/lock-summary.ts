// How the objects of a backup and of its increments are locked, for `vault list --locks`.
import type { Inventory } from "../retention/inventory.ts";
import { locksOf } from "../retention/object-locks.ts";
import { isLockable } from "../store/layout.ts";
import type { Store } from "../store/store.ts";

export interface LockSummary {
  /** Objects that a restore needs, and those of them that are not locked now. */
  readonly objects: number;
  readonly unlocked: number;
  /** End of the first lock that ends, ISO 8601; null where none is locked. */
  readonly until: string | null;
  /** Objects under a legal hold. */
  readonly held: number;
}

export async function lockSummary(
  store: Store,
  { points }: Inventory,
  base: string,
  signal: AbortSignal,
): Promise<LockSummary> {
  const objects = [...points.values()].flatMap((held) =>
    held.point.id.split("/")[0] === base ? held.objects.filter(({ path }) => isLockable(path)) : [],
  );
  const nowMs = store.objectLocks?.nowMs() ?? 0;
  const locks = await locksOf(store, objects, signal);
  const ends = locks.flatMap(({ untilMs }) => (untilMs > nowMs ? [untilMs] : []));
  return {
    objects: objects.length,
    unlocked: objects.length - ends.length,
    until: ends.length === 0 ? null : new Date(ends.reduce((least, end) => Math.min(least, end))).toISOString(),
    held: locks.filter(({ isHeld }) => isHeld).length,
  };
}

export function lockSummaryWords({ objects, unlocked, until, held }: LockSummary): string {
  const hold = held === 0 ? "" : `, ${held} objects under legal hold`;
  if (until === null) return `not locked${hold}`;
  return unlocked === 0
    ? `locked until ${until}${hold}`
    : `${unlocked} OF ${objects} OBJECTS NOT LOCKED, the others until ${until}${hold}`;
}
