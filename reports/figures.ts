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
