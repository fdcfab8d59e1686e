// The write queue: one worker per group, which writes the group's operations one after the other, as Graphiti requires.
// Unlike the real service's worker it survives every error: an operation that the database refuses is dropped and
// reported, and while the database is unavailable operations wait and are written again from their first query, so that
// none stays half done.
import { randomUUID } from "node:crypto";
import type { Clock } from "../../../base/clock.ts";
import { errorMessage } from "../../../base/errors.ts";
import { waitFor } from "../../../base/wait.ts";
import { DatabaseUnavailableError } from "../database.ts";
import type { QueueHealth } from "../health.ts";
import type { Journal, JournalItem } from "./journal.ts";

export interface Queued {
  readonly groupId: string;
}

/** The database became unavailable during the write; the operation will be finished when it is back. */
export class InterruptedError extends Error {
  override readonly name = "InterruptedError";
}

interface Item<T> {
  readonly entry: JournalItem<T>;
  readonly admission: Disposable;
  readonly stored: (result: unknown) => void;
  readonly failed: (error: unknown) => void;
}

export interface IngestOptions<T> {
  readonly clock: Clock;
  readonly journal: Journal<T>;
  readonly apply: (operation: T) => Promise<unknown>;
  readonly databaseAnswers: () => Promise<boolean>;
  readonly onFailure: (operation: T, error: unknown) => void;
}

export class Ingest<T extends Queued> {
  readonly #options: IngestOptions<T>;
  readonly #queues = new Map<string, Item<T>[]>();
  readonly #workers = new Set<Promise<void>>();
  readonly #stop = new AbortController();
  /** Start time of each running write. */
  readonly #began = new Map<string, number>();
  #failed = 0;
  #waiting = 0;

  constructor(options: IngestOptions<T>) {
    this.#options = options;
  }

  /**
   * Takes ownership of the admission: it ends when the operation is stored or dropped. The promise settles then too.
   */
  accept(operation: T, admission: Disposable, id: string = randomUUID(), journaled = false): Promise<unknown> {
    const entry = { id, operation };
    try {
      if (!journaled) this.#options.journal.accept(entry);
    } catch (error) {
      admission[Symbol.dispose]();
      throw error;
    }
    return new Promise((stored, failed) => {
      this.#enqueue({ entry, admission, stored, failed });
    });
  }

  health(): QueueHealth {
    let queued = 0;
    for (const queue of this.#queues.values()) queued += queue.length;
    const now = this.#options.clock.monotonicMs();
    const oldestMs = now - Math.min(now, ...this.#began.values());
    return { queued, failed: this.#failed, waitingForDatabase: this.#waiting > 0, oldestMs };
  }

  /**
   * Lets the workers finish what they have. What is left at the deadline, or waits for an unavailable database, stays
   * in the journal for the next start.
   */
  async close(drainTimeoutMs: number): Promise<void> {
    const settled = waitFor(() => this.#workers.size === this.#waiting || undefined, {
      exit: "environment",
      what: "the write queue to drain",
      timeoutMs: drainTimeoutMs,
      intervalMs: 5,
    });
    await settled.catch(() => {});
    this.#stop.abort();
    await Promise.allSettled(this.#workers);
  }

  #enqueue(item: Item<T>): void {
    const { groupId } = item.entry.operation;
    const queue = this.#queues.get(groupId);
    if (queue !== undefined) {
      queue.push(item);
      return;
    }
    const fresh = [item];
    this.#queues.set(groupId, fresh);
    const worker = this.#work(groupId, fresh).finally(() => this.#workers.delete(worker));
    this.#workers.add(worker);
  }

  async #work(groupId: string, queue: Item<T>[]): Promise<void> {
    for (let item = queue[0]; item !== undefined && !this.#stop.signal.aborted; item = queue[0]) {
      this.#began.set(item.entry.id, this.#options.clock.monotonicMs());
      await this.#store(item);
      this.#began.delete(item.entry.id);
      queue.shift();
    }
    this.#queues.delete(groupId);
  }

  async #store(item: Item<T>): Promise<void> {
    const { entry, admission, stored, failed } = item;
    for (;;) {
      try {
        const result = await this.#options.apply(entry.operation);
        this.#finish(entry.id);
        // The write ends before its answer goes out, so that a pause never waits for a slow client.
        admission[Symbol.dispose]();
        stored(result);
        return;
      } catch (error) {
        if (error instanceof DatabaseUnavailableError) {
          this.#tellInterrupted(entry.operation.groupId, error);
          if (await this.#databaseIsBack()) continue;
          return;
        }
        this.#failed += 1;
        this.#finish(entry.id);
        admission[Symbol.dispose]();
        this.#options.onFailure(entry.operation, error);
        failed(error);
        return;
      }
    }
  }

  /** Callers should not wait for the database: neither that of this write, nor those of the ones queued behind it. */
  #tellInterrupted(groupId: string, cause: Error): void {
    const error = new InterruptedError(`the database went away: ${cause.message}`, { cause });
    for (const { failed } of this.#queues.get(groupId) ?? []) failed(error);
  }

  /**
   * A full disk must not stop the worker: the operation is stored, and at worst it is written again after a restart.
   */
  #finish(id: string): void {
    try {
      this.#options.journal.finish(id);
    } catch (error) {
      process.emitWarning(`the write journal cannot be written: ${errorMessage(error)}`);
    }
  }

  /**
   * Waits until the database is back, with an unhealthy healthcheck meanwhile; false when the service shuts down first.
   */
  async #databaseIsBack(): Promise<boolean> {
    this.#waiting += 1;
    try {
      await waitFor(async () => (await this.#options.databaseAnswers()) || undefined, {
        exit: "environment",
        what: "the database to come back",
        timeoutMs: Number.POSITIVE_INFINITY,
        intervalMs: 200,
        signal: this.#stop.signal,
      });
      return true;
    } catch {
      return false;
    } finally {
      this.#waiting -= 1;
    }
  }
}
