// A lock while it is held: renewed in the background; losing it aborts all work that uses its signal.
import type { Clock } from "../../base/clock.ts";
import { environmentError, errorMessage } from "../../base/errors.ts";
import { describeLock, type LockEntry, lockPath, readLocks, type SeenLock, writeLock } from "./lock-entries.ts";
import { deleteOrEmpty, type Store } from "../store/store.ts";

interface Held {
  readonly clock: Clock;
  readonly ttlMs: number;
  readonly notes: readonly string[];
  /** True in a vault that cannot be written to: nothing is stored. */
  readonly unseen?: boolean;
}

export class HeldLock implements AsyncDisposable {
  /** Notes for the user: whose lock was taken over, or that other processes cannot see this one. */
  readonly notes: readonly string[];
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #ttlMs: number;
  readonly #lost = new AbortController();
  readonly #timer: NodeJS.Timeout | undefined;
  #entry: LockEntry;
  /** One write of the entry after the other. */
  #queue: Promise<void> = Promise.resolve();
  /** A renewal in progress must not recreate a lock that was released. */
  #isGivenUp = false;

  constructor(store: Store, entry: LockEntry, { clock, ttlMs, notes, unseen = false }: Held) {
    this.#store = store;
    this.#entry = entry;
    this.#clock = clock;
    this.#ttlMs = ttlMs;
    this.notes = notes;
    if (unseen) return;
    this.#timer = setInterval(() => void this.#renewOrLose(), ttlMs / 10);
    this.#timer.unref();
  }

  get token(): string {
    return this.#entry.token;
  }

  /** Aborted when the lock is lost: another process broke it, or it expired because the store did not answer. */
  get signal(): AbortSignal {
    return this.#lost.signal;
  }

  async renew(): Promise<void> {
    await this.#write({});
  }

  /**
   * Announces what is about to be removed: a reader that comes later sees that, and we see a reader that came before.
   */
  async announceRemovals(removes: readonly string[]): Promise<void> {
    await this.#write({ removes });
  }

  async others(): Promise<readonly SeenLock[]> {
    return await readLocks(this.#store, this.#clock, this.token);
  }

  /**
   * Called before every step that would do harm while another writer is active. Throws where the lock is no longer
   * ours.
   */
  async mustHold(): Promise<void> {
    this.#lost.signal.throwIfAborted();
    const all = await readLocks(this.#store, this.#clock);
    const takesIt = (entry: LockEntry | undefined): boolean => entry?.exclusive === true && entry.state === "held";
    const other = this.#entry.exclusive
      ? all.find(({ entry }) => takesIt(entry) && entry?.token !== this.token)
      : undefined;
    if (all.some(({ entry }) => entry?.token === this.token) && other === undefined) return;
    this.#lose(other === undefined ? "another process removed it" : `now it is locked for ${describeLock(other)}`);
    this.#lost.signal.throwIfAborted();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#timer === undefined) return;
    clearInterval(this.#timer);
    this.#isGivenUp = true;
    await this.#queue;
    await deleteOrEmpty(this.#store, lockPath(this.token));
  }

  async #renewOrLose(): Promise<void> {
    try {
      await this.mustHold();
      await this.renew();
    } catch (error) {
      // A store that does not answer for a moment does not lose the lock; one that does not until the lock expires
      // does.
      if (this.#clock.nowMs() > Date.parse(this.#entry.expiresAt)) this.#lose(errorMessage(error));
    }
  }

  #write(changes: Partial<LockEntry>): Promise<void> {
    const write = async (): Promise<void> => {
      if (this.#isGivenUp) return;
      const expiresAt = new Date(this.#clock.nowMs() + this.#ttlMs).toISOString();
      const entry = { ...this.#entry, ...changes, expiresAt };
      await writeLock(this.#store, entry);
      this.#entry = entry;
    };
    const written = this.#queue.then(write);
    this.#queue = written.catch(() => {});
    return written;
  }

  #lose(why: string): void {
    if (this.#isGivenUp) return;
    this.#lost.abort(environmentError(`the lock of the vault ${this.#store.where} was lost: ${why}`, "Run it again."));
  }
}
