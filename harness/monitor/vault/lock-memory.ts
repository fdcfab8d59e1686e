// Object locks of what a restore needs. A store is asked for each object by itself, so at each look only some are asked
// for again: those whose lock ends first, and those that were asked for the longest time ago.
import { inParallel } from "../../vault/parts/in-parallel.ts";
import { lockRequestsMax } from "../../vault/retention/object-locks.ts";
import type { Store, StoredObject } from "../../vault/store/store.ts";

const soonestAsked = 100;
const oldestAsked = 50;

export interface LockFacts {
  /** Undefined where nothing is locked. */
  readonly firstEndMs: number | undefined;
  readonly unlocked: number;
  /** End of the lock of each object that was asked for; Infinity for a legal hold. */
  readonly untilMs: ReadonlyMap<string, number>;
}

interface KnownLock {
  readonly tag: string | undefined;
  readonly untilMs: number;
  readonly look: number;
}

export class LockMemory {
  readonly #known = new Map<string, KnownLock>();
  #look = 0;

  async look(
    { objectLocks }: Pick<Store, "objectLocks">,
    needed: readonly StoredObject[],
    signal: AbortSignal,
  ): Promise<LockFacts | undefined> {
    // Without the right to ask, every object would look unlocked.
    if (objectLocks?.rule === undefined || (await objectLocks.isAvailable()) !== true) return undefined;
    this.#look += 1;
    const tags = new Map(needed.map(({ path, tag }) => [path, tag]));
    for (const [path, { tag }] of this.#known) if (!tags.has(path) || tags.get(path) !== tag) this.#known.delete(path);
    const known = [...this.#known];
    const again = [
      ...known.toSorted(([, a], [, b]) => a.untilMs - b.untilMs).slice(0, soonestAsked),
      ...known.toSorted(([, a], [, b]) => a.look - b.look).slice(0, oldestAsked),
    ].map(([path]) => path);
    const ask = [...new Set([...again, ...[...tags.keys()].filter((path) => !this.#known.has(path))])];
    await inParallel(lockRequestsMax, ask, async (path) => {
      signal.throwIfAborted();
      const lock = await objectLocks.lockOf({ path });
      if (lock === undefined) return void this.#known.delete(path);
      const untilMs = lock.isHeld ? Number.POSITIVE_INFINITY : lock.untilMs;
      this.#known.set(path, { tag: tags.get(path), untilMs, look: this.#look });
    });
    const nowMs = objectLocks.nowMs();
    const ends = Array.from(this.#known.values(), ({ untilMs }) => untilMs).filter((untilMs) => untilMs > nowMs);
    const firstEndMs = ends.reduce<number | undefined>((first, end) => Math.min(first ?? end, end), undefined);
    const untilMs = new Map([...this.#known].map(([path, lock]) => [path, lock.untilMs]));
    return { firstEndMs, unlocked: this.#known.size - ends.length, untilMs };
  }
}
