// Looks at something again and again, so that a scrape costs nothing and is never kept waiting. What was found counts
// only while it is young: a look that hangs or fails leaves nothing that could be taken for the present state.
import { type Clock, systemClock } from "../base/clock.ts";
import { endedBy } from "../base/deadline.ts";
import { explanationOf } from "../base/errors.ts";
import { pace } from "../base/timer.ts";

const graceMs = 5000;
const lookMaxMs = 600_000;

export interface LookResult<T> {
  readonly facts: T;
  /** When the look began, and how long it took. */
  readonly atMs: number;
  readonly ms: number;
}

export interface WatchOptions {
  /** What is looked at, in lines of the log. */
  readonly name: string;
  readonly everyMs: number;
  readonly log: (line: string) => void;
  readonly clock?: Clock;
}

export class Watch<T> implements AsyncDisposable {
  readonly #options: WatchOptions;
  readonly #look: (signal: AbortSignal) => Promise<T>;
  readonly #clock: Clock;
  readonly #stopping = new AbortController();
  readonly #work: Promise<void>;
  readonly #first = Promise.withResolvers<void>();
  #last: { readonly looked: LookResult<T>; readonly sinceMs: number } | undefined;
  #trouble: string | undefined;

  constructor(look: (signal: AbortSignal) => Promise<T>, options: WatchOptions) {
    this.#look = look;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#work = this.#loop();
  }

  get name(): string {
    return this.#options.name;
  }

  /** Why nothing can be said, where that is known. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  /** Resolves when the first look has ended, well or not. */
  get first(): Promise<void> {
    return this.#first.promise;
  }

  /** What was found by the last look; undefined where that failed, or is too long ago. */
  get current(): LookResult<T> | undefined {
    if (this.#last === undefined) return undefined;
    const { looked, sinceMs } = this.#last;
    const ageMs = this.#clock.monotonicMs() - sinceMs;
    if (ageMs <= this.ageMaxMs(looked.ms)) return looked;
    this.#report(`no look has ended for ${Math.round(ageMs / 1000)} s`);
    return undefined;
  }

  /** A look may take twice as long as the one before, and one may be left out. */
  ageMaxMs(tookMs: number): number {
    return 2 * this.#pauseMs(tookMs) + 3 * tookMs;
  }

  /** Looks that take long take at most half of the time. */
  #pauseMs(tookMs: number): number {
    return Math.max(this.#options.everyMs, tookMs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort(new Error("the monitor ends"));
    // A look at a disk that hangs cannot be ended.
    await endedBy(this.#work, this.#stopping.signal, graceMs).catch(() => {});
  }

  async #loop(): Promise<void> {
    const stopping = this.#stopping.signal;
    while (!stopping.aborted) {
      const [atMs, sinceMs] = [this.#clock.nowMs(), this.#clock.monotonicMs()];
      try {
        const facts = await this.#look(AbortSignal.any([stopping, AbortSignal.timeout(lookMaxMs)]));
        this.#last = { looked: { facts, atMs, ms: this.#clock.monotonicMs() - sinceMs }, sinceMs };
        if (this.#trouble !== undefined) this.#options.log(`${this.name} can be read again`);
        this.#trouble = undefined;
      } catch (error) {
        this.#last = undefined;
        if (!stopping.aborted) this.#report(explanationOf(error));
      }
      this.#first.resolve();
      await pace(this.#pauseMs(this.#clock.monotonicMs() - sinceMs), stopping);
    }
  }

  /** Each reason is a line once, until another one or until it is over. */
  #report(why: string): void {
    if (this.#trouble === why) return;
    this.#trouble = why;
    this.#options.log(`${this.name} cannot be read: ${why}`);
  }
}
