// Statistics of the writers, accumulated from history lines as they come: counts, latencies, and hold times.
import type { WriteOutcome, WriteRecord } from "./history.ts";
import { LatencyHistogram } from "./latency-histogram.ts";

export interface WorkloadSummary {
  /** Number of attempts by outcome. */
  readonly acked: number;
  readonly refused: number;
  readonly failed: number;
  readonly unknown: number;
  /** Longest time from a writer's first attempt at a write to its acknowledgement. */
  readonly maxHeldMs: number;
  /** That time for each write that was refused at least once, longest first. */
  readonly holdsMs: readonly number[];
  /**
   * For the same writes, from the first attempt until the start of the one that was let in: the pause as writers saw
   * it, with the drain and the wait after the last refusal, but without the duration of the write itself. Longest
   * first.
   */
  readonly pausesMs: readonly number[];
  /** Latency of acknowledged writes, held ones included. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Time from the first line to the last. */
  readonly elapsedMs: number;
  readonly ackedPerSecond: number;
}

export class SummaryBuilder {
  readonly #counts: Record<WriteOutcome, number> = { ok: 0, refused: 0, failed: 0, unknown: 0 };
  /** When each writer first attempted its current write. */
  readonly #firstTry = new Map<string, { readonly sequence: number; readonly invokedMs: number }>();
  readonly #latencies = new LatencyHistogram();
  readonly #holds: number[] = [];
  readonly #pauses: number[] = [];
  #firstMs = Number.POSITIVE_INFINITY;
  #lastMs = Number.NEGATIVE_INFINITY;

  add(record: WriteRecord): void {
    this.#counts[record.outcome] += 1;
    this.#firstMs = Math.min(this.#firstMs, record.invokedMs);
    this.#lastMs = Math.max(this.#lastMs, record.completedMs);
    const known = this.#firstTry.get(record.writer);
    const first = known?.sequence === record.sequence ? known : record;
    this.#firstTry.set(record.writer, first);
    if (record.outcome !== "ok") return;
    const tookMs = record.completedMs - first.invokedMs;
    this.#latencies.add(tookMs);
    if (record.attempt === 0) return;
    this.#holds.push(tookMs);
    this.#pauses.push(record.invokedMs - first.invokedMs);
  }

  get acked(): number {
    return this.#counts.ok;
  }

  build(): WorkloadSummary {
    const elapsedMs = Math.max(0, this.#lastMs - this.#firstMs);
    const { ok: acked, refused, failed, unknown } = this.#counts;
    return {
      acked,
      refused,
      failed,
      unknown,
      maxHeldMs: this.#latencies.maxMs,
      holdsMs: this.#holds.toSorted((a, b) => b - a),
      pausesMs: this.#pauses.toSorted((a, b) => b - a),
      p50Ms: this.#latencies.quantileMs(0.5),
      p99Ms: this.#latencies.quantileMs(0.99),
      elapsedMs,
      ackedPerSecond: elapsedMs === 0 ? 0 : (acked / elapsedMs) * 1000,
    };
  }
}

export async function summarize(records: Iterable<WriteRecord> | AsyncIterable<WriteRecord>): Promise<WorkloadSummary> {
  const builder = new SummaryBuilder();
  for await (const record of records) builder.add(record);
  return builder.build();
}
