// A lock while it is held: renewed in the background, and lost with an abort of everything that hangs on its signal.
import type { Clock } from "../../base/clock.ts";
import { environmentError, errorMessage } from "../../base/errors.ts";
import { describeLock, type LockEntry, lockPath, readLocks, type SeenLock, writeLock } from "./lock-entries.ts";
import type { Store } from "../store/store.ts";

interface Held {
  readonly clock: Clock;
  readonly ttlMs: number;
  readonly notes: readonly string[];
  /** In a vault that cannot be written to: nothing is stored. */
  readonly unseen?: boolean;
}

export class HeldLock implements AsyncDisposable {
  /** What the user should know: whose lock was taken over, or that nobody sees this one. */
  readonly notes: readonly string[];
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #ttlMs: number;
  readonly #lost = new AbortController();
  readonly #timer: NodeJS.Timeout | undefined;
  #entry: LockEntry;
  /** One write of the entry after the other. */
  #queue: Promise<void> = Promise.resolve();
  /** A renewal that was on its way must not bring back what was given up. */
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

  /** Aborted when the lock is lost: somebody took it by force, or it ran out because the store did not answer. */
  get signal(): AbortSignal {
    return this.#lost.signal;
  }

  async renew(): Promise<void> {
    await this.#write({});
  }

  /** Says what is about to be removed; then who looks into it sees that, and who looked before is seen by us. */
  async announceRemovals(removes: readonly string[]): Promise<void> {
    await this.#write({ removes });
  }

  async others(): Promise<readonly SeenLock[]> {
    const all = await readLocks(this.#store, this.#clock);
    return all.filter(({ entry }) => entry?.token !== this.#entry.token);
  }

  /** Before every step that would do harm beside another writer. Throws where the lock is not ours any more. */
  async mustHold(): Promise<void> {
    this.#lost.signal.throwIfAborted();
    const all = await readLocks(this.#store, this.#clock);
    const takesIt = (entry: LockEntry | undefined): boolean => entry?.exclusive === true && entry.state === "held";
    const other = this.#entry.exclusive
      ? all.find(({ entry }) => takesIt(entry) && entry?.token !== this.token)
      : undefined;
    if (all.some(({ entry }) => entry?.token === this.token) && other === undefined) return;
    this.#lose(other === undefined ? "somebody removed it" : `now it is locked for ${describeLock(other)}`);
    this.#lost.signal.throwIfAborted();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#timer === undefined) return;
    clearInterval(this.#timer);
    this.#isGivenUp = true;
    await this.#queue;
    await this.#store.delete(lockPath(this.token));
  }

  async #renewOrLose(): Promise<void> {
    try {
      await this.mustHold();
      await this.renew();
    } catch (error) {
      // A store that does not answer for a moment is no loss; one that does not until the lock has run out is.
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
