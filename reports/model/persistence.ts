// What every operator asks: how much is lost with each way of protecting writes, how long it takes to come back, and what
// it costs the writers. One row a mode, from the scenarios of the group `persistence`.
import { formatCount, formatDuration } from "../../harness/base/units.ts";
import type { ScenarioResult } from "../../harness/record/result.ts";

export interface PersistenceTable {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

const disasters = [
  ["killed", "process killed"],
  ["powerLoss", "page cache lost"],
  ["volumeGone", "disk gone"],
] as const;

/** Undefined where no scenario of the group has run. */
export function persistenceTable(scenarios: readonly ScenarioResult[]): PersistenceTable | undefined {
  const modes = scenarios.filter(({ id, metrics }) => id.startsWith("persistence/") && isMode(metrics));
  if (modes.length === 0) return undefined;
  const heads = disasters.map(([, label]) => `${label}: lost, back in`);
  return {
    head: ["mode", ...heads, "writes a second, of unprotected"],
    rows: modes.map(row),
  };
}

/** Other scenarios of the group measure no loss. */
function isMode(metrics: Metrics): boolean {
  return Object.keys(metrics).some((name) => /^(?:killed|powerLoss|volumeGone|savePoint|bareWrites)/.test(name));
}

function row({ id, metrics }: ScenarioResult): string[] {
  const outcomes = disasters.map(([name]) => outcome(metrics, name));
  return [`${id.slice("persistence/".length)}${setting(metrics)}`, ...outcomes, cost(metrics)];
}

type Metrics = ScenarioResult["metrics"];

function setting({ savePointSeconds }: Metrics & { savePointSeconds?: number }): string {
  return savePointSeconds === undefined ? "" : ` (every ${savePointSeconds} s)`;
}

function outcome(metrics: Metrics, disaster: string): string {
  const [writes, spanMs, rtoMs] = ["RpoWrites", "RpoMs", "RtoMs"].map((figure) => metrics[`${disaster}${figure}`]);
  if (writes === undefined) return "not covered";
  const lost = writes === 0 ? "nothing" : `${formatCount(writes)} writes, ${formatDuration(spanMs ?? 0)}`;
  if (rtoMs === undefined) return `everything (${lost}), never`;
  const repaired = disaster === "powerLoss" && metrics["aofTailCutBytes"] !== undefined;
  return `${lost}; ${formatDuration(rtoMs)}${repaired ? ", with redis-check-aof --fix" : ""}`;
}

function cost({ bareWritesPerSecond: bare, protectedWritesPerSecond: held }: Metrics): string {
  if (bare === undefined || held === undefined || bare === 0) return "not measured";
  return `${formatCount(Math.round(held))} (${((held / bare) * 100).toFixed(0)} %)`;
}

/** The table with its columns aligned, for a terminal. */
export function alignedLines({ head, rows }: PersistenceTable): string[] {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((cells) => cells[column]?.length ?? 0)));
  return all.map((cells) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}

export function markdownLines({ head, rows }: PersistenceTable): string[] {
  return [head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`);
}
