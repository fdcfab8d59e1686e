// Days, weeks, months and years of the calendar in a time zone. A day on which the clocks change has 23 or 25 hours and
// is one day.
import { usageError } from "../../base/errors.ts";

export type Period = "day" | "week" | "month" | "year";

const dayMs = 86_400_000;

export class Calendar {
  /** IANA name of the time zone, as given by the user. */
  readonly zone: string;
  readonly #format: Intl.DateTimeFormat;

  constructor(zone: string) {
    this.zone = zone;
    try {
      this.#format = new Intl.DateTimeFormat("en-US-u-ca-iso8601-nu-latn", {
        timeZone: zone,
        hourCycle: "h23",
        year: "numeric",
        month: "numeric",
        day: "numeric",
        hour: "numeric",
        minute: "numeric",
        second: "numeric",
      });
    } catch {
      throw usageError(`"${zone}" is not a time zone`, "Give an IANA name such as Europe/Berlin, or UTC.");
    }
  }

  /** A name that all instants of one period share: `2026-11-24`, `2026-W48`, `2026-11`, `2026`. */
  periodOf(atMs: number, period: Period): string {
    const local = new Date(this.#localMs(atMs));
    const date = local.toISOString();
    switch (period) {
      case "day":
        return date.slice(0, 10);
      case "week":
        return isoWeek(local);
      case "month":
        return date.slice(0, 7);
      case "year":
        return date.slice(0, 4);
    }
  }

  /**
   * The instant with the same local time that many days before. If that time falls into a gap of the clock it is the
   * instant before the gap; if it exists twice, the first of the two.
   */
  daysBefore(nowMs: number, days: number): number {
    const wanted = this.#localMs(nowMs) - days * dayMs;
    // The zone's UTC offset changes at most once within a day.
    const candidates = [wanted - dayMs, wanted + dayMs].map((near) => wanted - (this.#localMs(near) - near));
    const real = candidates.filter((instant) => this.#localMs(instant) === wanted);
    return Math.min(...(real.length === 0 ? candidates : real));
  }

  /** Minutes since midnight by the local clock: 0 to 1439. */
  minuteOf(atMs: number): number {
    const local = new Date(this.#localMs(atMs));
    return local.getUTCHours() * 60 + local.getUTCMinutes();
  }

  /** The local time, written as if it were UTC. */
  #localMs(atMs: number): number {
    const parts = Object.fromEntries(this.#format.formatToParts(atMs).map(({ type, value }) => [type, Number(value)]));
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
    const millisecond = ((atMs % 1000) + 1000) % 1000;
    return Date.UTC(year, month - 1, day, hour, minute, second, millisecond);
  }
}

/** ISO 8601: weeks begin on Monday and belong to the year of their Thursday. */
function isoWeek(local: Date): string {
  const midnightMs = Date.UTC(local.getUTCFullYear(), local.getUTCMonth(), local.getUTCDate());
  const thursday = new Date(midnightMs + (3 - ((local.getUTCDay() + 6) % 7)) * dayMs);
  const year = thursday.getUTCFullYear();
  const week = 1 + Math.floor((thursday.getTime() - Date.UTC(year, 0, 1)) / (7 * dayMs));
  return `${year}-W${String(week).padStart(2, "0")}`;
}
