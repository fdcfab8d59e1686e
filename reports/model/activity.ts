// What writers did over time: a history of any length, streamed into a bounded number of equal intervals.
import type { HistoryLine } from "../../harness/record/drill-history.ts";

interface Interval {
  readonly acked: number;
  readonly refused: number;
  /** Attempts that failed or whose outcome is unknown. */
  readonly unsure: number;
  /** Median latency from a writer's first attempt to its acknowledgement; undefined if nothing was acknowledged. */
  readonly p50Ms: number | undefined;
  readonly p99Ms: number | undefined;
}

export interface Activity {
  /** Start of the first interval, on the clock of the history. */
  readonly fromMs: number;
  readonly intervalMs: number;
  readonly intervals: readonly Interval[];
  readonly acked: number;
  readonly refused: number;
  readonly unsure: number;
}

const intervalsMax = 200;
const intervalsMin = 24;
const ackedPerInterval = 6;
const firstIntervalMs = 10;

interface Tally {
  acked: number;
  refused: number;
  unsure: number;
  /** Latency class -> how many. */
  latencies: Map<number, number>;
}

export class ActivityBuilder {
  #fromMs: number | undefined;
  #intervalMs = firstIntervalMs;
  #tallies: Tally[] = [];
  /** Time of each writer's first attempt at its current write. */
  readonly #firstTry = new Map<string, { readonly sequence: number; readonly invokedMs: number }>();

  add(record: HistoryLine): void {
    this.#fromMs ??= record.invokedMs;
    const known = this.#firstTry.get(record.writer);
    const first = known?.sequence === record.sequence ? known : record;
    this.#firstTry.set(record.writer, { sequence: first.sequence, invokedMs: first.invokedMs });
    const tally = this.#tallyAt(record.completedMs - this.#fromMs);
    if (record.outcome === "refused") tally.refused += 1;
    else if (record.outcome !== "ok") tally.unsure += 1;
    else {
      tally.acked += 1;
      const kind = latencyClass(record.completedMs - first.invokedMs);
      tally.latencies.set(kind, (tally.latencies.get(kind) ?? 0) + 1);
    }
  }

  build(): Activity | undefined {
    if (this.#fromMs === undefined) return undefined;
    this.#widen();
    const intervals = this.#tallies.map(({ acked, refused, unsure, latencies }) => {
      return {
        acked,
        refused,
        unsure,
        p50Ms: quantile(latencies, acked, 0.5),
        p99Ms: quantile(latencies, acked, 0.99),
      };
    });
    const total = (name: "acked" | "refused" | "unsure"): number =>
      this.#tallies.reduce((sum, tally) => sum + tally[name], 0);
    return {
      fromMs: this.#fromMs,
      intervalMs: this.#intervalMs,
      intervals,
      acked: total("acked"),
      refused: total("refused"),
      unsure: total("unsure"),
    };
  }

  /** Writers' lines come a little out of order; what is before the first line counts to the first interval. */
  #tallyAt(offsetMs: number): Tally {
    while (offsetMs / this.#intervalMs >= intervalsMax) this.#halve();
    const at = Math.max(0, Math.floor(offsetMs / this.#intervalMs));
    while (this.#tallies.length <= at) this.#tallies.push(emptyTally());
    return this.#tallies[at] ?? emptyTally();
  }

  /** Intervals with hardly a write each show noise, not a rate. */
  #widen(): void {
    const acked = this.#tallies.reduce((sum, tally) => sum + tally.acked, 0);
    while (this.#tallies.length > intervalsMin && acked / this.#tallies.length < ackedPerInterval) this.#halve();
  }

  #halve(): void {
    const halved: Tally[] = [];
    for (const [index, tally] of this.#tallies.entries()) {
      if (index % 2 === 0) halved.push(tally);
      else addTo(halved.at(-1) ?? emptyTally(), tally);
    }
    this.#tallies = halved;
    this.#intervalMs *= 2;
  }
}

function emptyTally(): Tally {
  return { acked: 0, refused: 0, unsure: 0, latencies: new Map() };
}

function addTo(sum: Tally, more: Tally): void {
  sum.acked += more.acked;
  sum.refused += more.refused;
  sum.unsure += more.unsure;
  for (const [kind, count] of more.latencies) sum.latencies.set(kind, (sum.latencies.get(kind) ?? 0) + count);
}

// Classes grow by a tenth each, so a quantile is exact to 5 %.
const growth = Math.log(1.1);
const leastMs = 0.01;

function latencyClass(ms: number): number {
  return Math.max(0, Math.round(Math.log(Math.max(ms, leastMs) / leastMs) / growth));
}

function quantile(latencies: ReadonlyMap<number, number>, count: number, share: number): number | undefined {
  let left = Math.floor(count * share);
  for (const [kind, many] of [...latencies].toSorted(([a], [b]) => a - b)) {
    if (left < many) return leastMs * Math.exp(kind * growth);
    left -= many;
  }
  return undefined;
}
