// The figures that people ask for first, in words: recovery time, loss, pause, sizes, and ratios to the raw limits.
import { formatBytes, formatCount, formatDuration } from "../harness/base/units.ts";
import type { ScenarioResult } from "../harness/drill/result.ts";

export interface Figure {
  readonly name: string;
  readonly value: string;
}

export function figures(scenario: Pick<ScenarioResult, "metrics">): readonly Figure[] {
  const { metrics } = scenario;
  const time = (name: string, label: string, raw?: string): Figure | undefined => {
    const ms = metrics[name];
    if (ms === undefined) return undefined;
    const rawMs = raw === undefined ? undefined : metrics[raw];
    const ratio = rawMs === undefined || rawMs === 0 ? "" : ` (${(ms / rawMs).toFixed(2)}x ${rawNames[raw ?? ""]})`;
    return { name: label, value: `${formatDuration(ms)}${ratio}` };
  };
  const size = metrics["storedBytes"];
  const rawSize = metrics["rawBytes"];
  return [
    graphSize(metrics),
    time("rtoMs", "RTO, disaster to first correct answer"),
    time("firstAnswerMs", "restore to first correct answer", "rawLoadMs"),
    time("operationalMs", "restore to fully operational", "rawLoadMs"),
    loss(metrics),
    time("writePauseMs", "longest that a writer was held"),
    held(metrics),
    rates(metrics),
    latencies(metrics, "write", "a write straight at the engine"),
    latencies(metrics, "episode", "an episode"),
    time("backupMs", "backup, to the signed manifest", "rawSaveMs"),
    size === undefined
      ? undefined
      : { name: "stored", value: `${formatBytes(size)}${rawSize ? ` (${(size / rawSize).toFixed(2)}x SAVE)` : ""}` },
    time("verifyMs", "full proof", "rawLoadMs"),
    time("rawSaveMs", "raw limit: the engine's SAVE"),
    time("rawLoadMs", "raw limit: the engine's load"),
    metrics["harnessPeakRssBytes"] === undefined
      ? undefined
      : { name: "harness memory, peak", value: formatBytes(metrics["harnessPeakRssBytes"]) },
  ].filter((figure) => figure !== undefined);
}

const rawNames: Readonly<Record<string, string>> = { rawLoadMs: "plain load", rawSaveMs: "SAVE" };

function graphSize(metrics: ScenarioResult["metrics"]): Figure | undefined {
  const { nodes, edges } = metrics as { nodes?: number; edges?: number };
  if (nodes === undefined || edges === undefined) return undefined;
  return { name: "graph", value: `${formatCount(nodes)} nodes, ${formatCount(edges)} edges` };
}

function loss(metrics: ScenarioResult["metrics"]): Figure | undefined {
  const writes = metrics["rpoWrites"];
  if (writes === undefined) return undefined;
  const span = metrics["rpoMs"] ?? 0;
  const since = writes === 0 ? "" : `, over ${formatDuration(span)}`;
  return { name: "RPO, acknowledged writes lost", value: `${formatCount(writes)}${since}` };
}

function held(metrics: ScenarioResult["metrics"]): Figure | undefined {
  const [p50, p99, max] = ["P50", "P99", "Max"].map((name) => metrics[`writeHold${name}Ms`]);
  if (p50 === undefined || p99 === undefined || max === undefined) return undefined;
  const value = `${formatDuration(p50)} p50, ${formatDuration(p99)} p99, ${formatDuration(max)} longest`;
  return { name: "write pause as writers saw it", value };
}

function rates(metrics: ScenarioResult["metrics"]): Figure | undefined {
  const windows = ["Before", "During", "After", "Whole"] as const;
  const values = windows.map((window) => metrics[`ackedPerSecond${window}`]);
  if (values.some((value) => value === undefined)) return undefined;
  const words = windows.map((window, index) => `${Math.round(values[index] ?? 0)} ${window.toLowerCase()}`);
  const transfer = metrics["ackedPerSecondTransfer"];
  const share = metrics["transferThroughputShare"];
  if (transfer !== undefined && share !== undefined)
    words.push(`${Math.round(transfer)} while the snapshot flows (${Math.round(share * 100)} % of before)`);
  return { name: "writes acknowledged a second", value: words.join(", ") };
}

/** What the fork and the transfer cost a write, beside what it takes otherwise. */
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
