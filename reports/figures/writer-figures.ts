// What a backup costs the writers, in words: how long they were held, their rate and their latency in each window.
import { formatDuration } from "../../harness/base/units.ts";
import type { ScenarioResult } from "../../harness/record/result.ts";
import type { Figure } from "./metrics.ts";

export function writerFigures(metrics: ScenarioResult["metrics"]): readonly Figure[] {
  return [
    held(metrics, "writePause", "write pause as writers saw it"),
    held(metrics, "writeHold", "a held write, to its acknowledgement"),
    rates(metrics),
    latencies(metrics, "write", "a write straight at the engine"),
    latencies(metrics, "episode", "an episode"),
  ].filter((figure) => figure !== undefined);
}

/** Whether these figures already show a metric. */
export function isWriterMetric(metric: string): boolean {
  return /^(?:writePause(?:P50|P99|Max)|writeHold|ackedPerSecond|transferThroughputShare|(?:write|episode)Latency)/.test(
    metric,
  );
}

function held(metrics: ScenarioResult["metrics"], metric: string, name: string): Figure | undefined {
  const [p50, p99, max] = ["P50", "P99", "Max"].map((part) => metrics[`${metric}${part}Ms`]);
  if (p50 === undefined || p99 === undefined || max === undefined) return undefined;
  const value = `${formatDuration(p50)} p50, ${formatDuration(p99)} p99, ${formatDuration(max)} longest`;
  return { name, value };
}

function rates(metrics: ScenarioResult["metrics"]): Figure | undefined {
  const windows = ["Before", "During", "After", "Whole"] as const;
  const values = windows.map((window) => metrics[`ackedPerSecond${window}`]);
  if (values.some((value) => value === undefined)) return undefined;
  const words = windows.map((window, index) => {
    const where = window === "Whole" ? "over all" : `${window.toLowerCase()} the backup`;
    return `${Math.round(values[index] ?? 0)}/s ${where}`;
  });
  const transfer = metrics["ackedPerSecondTransfer"];
  const share = metrics["transferThroughputShare"];
  if (transfer !== undefined && share !== undefined)
    words.push(`${Math.round(transfer)}/s while the snapshot is read (${Math.round(share * 100)} % of before)`);
  return { name: "writes acknowledged", value: words.join(", ") };
}

/** Write latency during the fork and the transfer, next to the latency at other times. */
function latencies(metrics: ScenarioResult["metrics"], kind: "write" | "episode", what: string): Figure | undefined {
  const words: string[] = [];
  for (const [window, label] of [
    ["Before", "before"],
    ["Fork", "across the fork"],
    ["Transfer", "in the transfer"],
  ] as const) {
    const [p50, p99] = ["P50", "P99"].map((name) => metrics[`${kind}Latency${name}${window}Ms`]);
    if (p50 !== undefined && p99 !== undefined) words.push(`${formatDuration(p50)}/${formatDuration(p99)} ${label}`);
  }
  return words.length < 2 ? undefined : { name: `${what}, p50/p99`, value: words.join(", ") };
}
