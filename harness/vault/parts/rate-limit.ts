// How many bytes a second a replication may send or a backup may read, by the time of day: a link that is shared by day may be
// free at night.
import { type Clock, systemClock } from "../../base/clock.ts";
import { usageError } from "../../base/errors.ts";
import { pace } from "../../base/timer.ts";
import { parseRate } from "../../base/units.ts";
import { Calendar } from "../retention/calendar.ts";
import type { PartSource } from "./write-parts.ts";

/** From a minute of the day up to another, over midnight where that is smaller. */
export interface RateHours {
  readonly fromMinute: number;
  readonly toMinute: number;
  /** Undefined for no limit. */
  readonly bytesPerSecond: number | undefined;
}

export interface RatePlan {
  /** Outside of all windows; undefined for no limit. */
  readonly bytesPerSecond?: number;
  /** The first that holds decides. */
  readonly windows: readonly RateHours[];
  readonly calendar: Calendar;
}

export const noLimit: RatePlan = { windows: [], calendar: new Calendar("UTC") };

/** Time that was lost elsewhere, such as to a slow vault, is not made up for. */
export class RateLimit {
  readonly #plan: RatePlan;
  readonly #clock: Clock;
  #dueMs: number;

  constructor(plan: RatePlan, clock: Clock = systemClock) {
    this.#plan = plan;
    this.#clock = clock;
    this.#dueMs = clock.monotonicMs();
  }

  /** Resolves when so many bytes may be sent. */
  async admit(bytes: number, signal: AbortSignal): Promise<void> {
    const nowMs = this.#clock.monotonicMs();
    const waitMs = this.#dueMs - nowMs;
    this.#take(bytes, nowMs);
    await pace(waitMs, signal);
  }

  /**
   * Limits the rate at which a snapshot is read. A backup takes processor time from the engine and its writers: the fork that
   * sends, and the threads that compress and encrypt. A slower read takes longer and costs them less; the server waits for
   * a slow reader.
   */
  slowed(source: PartSource, signal: AbortSignal): PartSource {
    return {
      get bytes() {
        return source.bytes;
      },
      read: async (block) => {
        await pace(this.#dueMs - this.#clock.monotonicMs(), signal);
        const startMs = this.#clock.monotonicMs();
        const bytes = await source.read(block);
        this.#take(bytes, startMs);
        return bytes;
      },
    };
  }

  #take(bytes: number, startMs: number): void {
    const rate = rateAt(this.#plan, this.#clock.nowMs());
    if (rate !== undefined) this.#dueMs = Math.max(this.#dueMs, startMs) + (bytes * 1000) / rate;
  }
}

export function rateAt({ bytesPerSecond, windows, calendar }: RatePlan, atMs: number): number | undefined {
  const minute = calendar.minuteOf(atMs);
  const holds = ({ fromMinute, toMinute }: RateHours): boolean =>
    fromMinute < toMinute ? minute >= fromMinute && minute < toMinute : minute >= fromMinute || minute < toMinute;
  const window = windows.find(holds);
  return window === undefined ? bytesPerSecond : window.bytesPerSecond;
}

/** "08:00-18:00=5MiB" or "22:00-06:00=none" */
export function parseWindow(text: string): RateHours {
  const match = /^(\d\d):(\d\d)-(\d\d):(\d\d)=(.+)$/.exec(text);
  const [fromHour = 24, fromMinute = 60, toHour = 25, toMinute = 60] = (match ?? []).slice(1, 5).map(Number);
  const isTime =
    fromHour < 24 && fromMinute < 60 && (toHour < 24 || (toHour === 24 && toMinute === 0)) && toMinute < 60;
  const [from, to] = [fromHour * 60 + fromMinute, toHour * 60 + toMinute];
  const rate = match?.[5];
  if (rate === undefined || !isTime || from === to)
    throw usageError(`"${text}" is not a limit for a time of day`, "Write it as 08:00-18:00=5MiB or 22:00-06:00=none.");
  return { fromMinute: from, toMinute: to, bytesPerSecond: rate === "none" ? undefined : parseRate(rate) };
}
