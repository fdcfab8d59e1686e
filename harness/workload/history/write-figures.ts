// What a backup cost the concurrent writers: acknowledged writes per second before it, during it, after it and in
// total; and write latency before it, across the fork, and during the transfer. One pass over the history, in a fixed
// amount of memory.
import type { Span } from "../../check/history/moment.ts";
import type { WriteRecord } from "./history.ts";
import { LatencyHistogram } from "./latency-histogram.ts";

export interface WriteSpans {
  readonly backup: Span;
  /** Undefined if unknown. */
  readonly fork?: Span | undefined;
  readonly transfer?: Span | undefined;
  /** End of the last window; by default the last acknowledgement. */
  readonly endMs?: number | undefined;
}

const windows = ["Before", "During", "After", "Whole"] as const;
const latencyWindows = ["Before", "Fork", "Transfer", "After"] as const;
type LatencyWindow = (typeof latencyWindows)[number];

export class WriteFigures {
  readonly #spans: WriteSpans;
  readonly #acked = { Before: 0, During: 0, After: 0 };
  /** Episodes through the service wait for a pause, and are many queries each, so they have their own figures. */
  readonly #latencies = new Map<string, LatencyHistogram>();
  #startMs = Number.POSITIVE_INFINITY;
  #lastMs = Number.NEGATIVE_INFINITY;
  #inTransfer = 0;
  #refused = 0;

  constructor(spans: WriteSpans) {
    this.#spans = spans;
  }

  add({ kind, invokedMs, completedMs, outcome }: WriteRecord): void {
    const { backup, transfer, endMs } = this.#spans;
    this.#startMs = Math.min(this.#startMs, invokedMs);
    if (outcome === "refused" && invokedMs >= backup.fromMs && invokedMs <= backup.toMs) this.#refused += 1;
    if (outcome !== "ok" || completedMs > (endMs ?? Number.POSITIVE_INFINITY)) return;
    this.#lastMs = Math.max(this.#lastMs, completedMs);
    this.#acked[completedMs <= backup.fromMs ? "Before" : completedMs <= backup.toMs ? "During" : "After"] += 1;
    if (transfer !== undefined && completedMs > transfer.fromMs && completedMs <= transfer.toMs) this.#inTransfer += 1;
    for (const window of this.#windowsOf(invokedMs, completedMs)) {
      const name = `${kind === "episode" ? "episode" : "write"}/${window}`;
      const histogram = this.#latencies.get(name) ?? new LatencyHistogram();
      this.#latencies.set(name, histogram);
      histogram.add(completedMs - invokedMs);
    }
  }

  /** Attempts refused while the backup ran. */
  get refused(): number {
    return this.#refused;
  }

  /**
   * Figures by their names in result.json: `ackedPerSecondBefore`, `writeLatencyP99TransferMs`, `forkLatencyMaxMs`, ...
   */
  metrics(): Readonly<Record<string, number>> {
    const { backup, transfer } = this.#spans;
    const endMs = this.#spans.endMs ?? this.#lastMs;
    const perSecond = (count: number, fromMs: number, toMs: number): number =>
      toMs > fromMs ? (count * 1000) / (toMs - fromMs) : 0;
    const { Before, During, After } = this.#acked;
    const rates: Record<(typeof windows)[number], number> = {
      Before: perSecond(Before, this.#startMs, backup.fromMs),
      During: perSecond(During, backup.fromMs, backup.toMs),
      After: perSecond(After, backup.toMs, endMs),
      Whole: perSecond(Before + During + After, this.#startMs, endMs),
    };
    const metrics: Record<string, number> = {};
    for (const window of windows) metrics[`ackedPerSecond${window}`] = rates[window];
    if (transfer !== undefined) {
      metrics["ackedPerSecondTransfer"] = perSecond(this.#inTransfer, transfer.fromMs, transfer.toMs);
      if (rates.Before > 0) metrics["transferThroughputShare"] = metrics["ackedPerSecondTransfer"] / rates.Before;
    }
    for (const [name, histogram] of this.#latencies) Object.assign(metrics, latencyMetrics(name, histogram));
    return metrics;
  }

  #windowsOf(invokedMs: number, completedMs: number): LatencyWindow[] {
    const { backup, fork, transfer } = this.#spans;
    if (completedMs <= backup.fromMs) return ["Before"];
    if (invokedMs > backup.toMs) return ["After"];
    const found: LatencyWindow[] = [];
    // A write that was open at any moment of the fork window may have waited for the fork.
    if (fork !== undefined && invokedMs <= fork.toMs && completedMs >= fork.fromMs) found.push("Fork");
    if (transfer !== undefined && invokedMs >= transfer.fromMs && completedMs <= transfer.toMs) found.push("Transfer");
    return found;
  }
}

function latencyMetrics(name: string, histogram: LatencyHistogram): Record<string, number> {
  const [kind, window] = name.split("/");
  const prefix = `${kind}Latency`;
  const metrics: Record<string, number> = {
    [`${prefix}P50${window}Ms`]: histogram.quantileMs(0.5),
    [`${prefix}P99${window}Ms`]: histogram.quantileMs(0.99),
  };
  // The fork is a single event, so the figure is the maximum of the writes that met it.
  if (window === "Fork") metrics[kind === "episode" ? "episodeForkLatencyMaxMs" : "forkLatencyMaxMs"] = histogram.maxMs;
  return metrics;
}
