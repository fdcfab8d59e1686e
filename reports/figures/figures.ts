// The figures of one scenario in words: first what people ask for, with ratios to the raw limits, then all others.
import { formatCount } from "../../harness/base/units.ts";
import type { ScenarioResult } from "../../harness/record/result.ts";
import { lossSentence } from "./headlines.ts";
import { isWriterMetric, writerFigures } from "./writer-figures.ts";
import { type Figure, formatMetric, metricLabel } from "./metrics.ts";

type Metrics = ScenarioResult["metrics"];

/** Metric, and the raw limit that it is shown as a ratio to. */
const main: readonly (readonly [metric: string, raw?: string])[] = [
  ["rtoMs"],
  ["firstAnswerMs", "rawLoadMs"],
  ["operationalMs", "rawLoadMs"],
  ["rpoWrites"],
  ["writePauseMs"],
  ["backupMs", "rawSaveMs"],
  ["storedBytes", "rawBytes"],
  ["verifyMs", "rawLoadMs"],
  ["rawSaveMs"],
  ["rawLoadMs"],
  ["harnessPeakRssBytes"],
];

const rawNames: Readonly<Record<string, string>> = {
  rawLoadMs: "the engine loading its own dump",
  rawSaveMs: "the engine's own SAVE",
  rawBytes: "the engine's own dump",
};
/** Shown together with another one. */
const within = new Set(["nodes", "edges", "rpoMs", "lostBeforeCutWrites"]);

export function figures({ metrics }: Pick<ScenarioResult, "metrics">): readonly Figure[] {
  const shown = main.flatMap(([metric, raw]) => {
    const value = metrics[metric];
    if (value === undefined) return [];
    const text = metric === "rpoWrites" ? lossSentence({ metrics }) : formatMetric(metric, value);
    return [{ name: metricLabel(metric), value: `${text}${ratio(value, raw, metrics)}` }];
  });
  return [...graphSize(metrics), ...shown, ...writerFigures(metrics)];
}

/** What `figures` leaves out, in the order in which it was measured. */
export function otherFigures({ metrics }: Pick<ScenarioResult, "metrics">): readonly Figure[] {
  const named = new Set(main.map(([metric]) => metric));
  return Object.entries(metrics)
    .filter(([metric]) => !named.has(metric) && !within.has(metric) && !isWriterMetric(metric))
    .map(([metric, value]) => ({ name: metricLabel(metric), value: formatMetric(metric, value) }));
}

/** The raw limits as they are named in ratios, such as "0.40x the engine loading its own dump". */
function ratio(value: number, raw: string | undefined, metrics: Metrics): string {
  const limit = raw === undefined ? undefined : metrics[raw];
  return limit === undefined || limit === 0 ? "" : ` (${(value / limit).toFixed(2)}x ${rawNames[raw ?? ""]})`;
}

function graphSize({ nodes, edges }: { nodes?: number; edges?: number }): Figure[] {
  if (nodes === undefined || edges === undefined) return [];
  return [{ name: "graph", value: `${formatCount(nodes)} nodes, ${formatCount(edges)} edges` }];
}
