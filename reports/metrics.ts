// What the metrics of a scenario are called and how their values are written. A metric that nobody has named here is
// shown all the same, by its own name and the unit that its name ends with.
import { formatBytes, formatCount, formatDuration } from "../harness/base/units.ts";

type Unit = "ms" | "bytes" | "per second" | "ratio" | "count";

const labels: Readonly<Record<string, string>> = {
  nodes: "nodes",
  edges: "edges",
  rtoMs: "RTO, disaster to first correct answer",
  firstAnswerMs: "restore to first correct answer",
  operationalMs: "restore to fully operational",
  rpoWrites: "RPO, acknowledged writes lost",
  rpoMs: "RPO, time between the last write kept and the disaster",
  writePauseMs: "longest that a writer waited for a write",
  systemPauseMs: "pause, as the backup system saw it",
  writesHeld: "writes held by the pause",
  writePauseP50Ms: "write pause as writers saw it, median",
  writePauseP99Ms: "write pause as writers saw it, 99th percentile",
  writeHoldP50Ms: "a held write, to its acknowledgement, median",
  writeHoldP99Ms: "a held write, to its acknowledgement, 99th percentile",
  writesAcknowledged: "writes acknowledged through the service",
  engineWritesAcknowledged: "writes acknowledged by the engine",
  ackedPerSecondBefore: "acknowledged writes, before the backup",
  ackedPerSecondDuring: "acknowledged writes, during the backup",
  ackedPerSecondAfter: "acknowledged writes, after the backup",
  backupMs: "backup, to the signed manifest",
  restoreMs: "restore",
  verifyMs: "full proof",
  generateMs: "generating the graph",
  loadMs: "loading the graph",
  indexMs: "building its indexes",
  generateAndLoadMs: "generating and loading",
  rawSaveMs: "raw limit: the engine's SAVE",
  rawLoadMs: "raw limit: the engine's load",
  rawBytes: "raw limit: the engine's dump",
  snapshotBytes: "snapshot before compression",
  storedBytes: "stored in the vault",
  harnessPeakRssBytes: "harness memory, peak",
};

export function metricLabel(name: string): string {
  return labels[name] ?? words(stem(name));
}

export function formatMetric(name: string, value: number): string {
  switch (unitOf(name)) {
    case "ms":
      return formatDuration(value);
    case "bytes":
      return formatBytes(value);
    case "per second":
      return `${formatCount(rounded(value))}/s`;
    case "ratio":
      return `${value.toFixed(2)}x`;
    case "count":
      return formatCount(rounded(value));
  }
}

function unitOf(name: string): Unit {
  if (name.endsWith("Ms")) return "ms";
  if (name.endsWith("Bytes")) return "bytes";
  if (/PerSecond(?![a-z])/.test(name)) return "per second";
  return name.endsWith("Ratio") ? "ratio" : "count";
}

/** The name without its unit. */
function stem(name: string): string {
  return name.replace(/(?:Ms|Bytes|Ratio)$/, "").replace(/PerSecond(?![a-z])/, "");
}

/** "writeHoldP99" -> "write hold p99". */
function words(name: string): string {
  return name
    .replaceAll(/(?<=[a-z0-9])(?=[A-Z])|[-_]+/g, " ")
    .toLowerCase()
    .trim();
}

/** Three digits where the value is small; nobody reads more. */
function rounded(value: number): number {
  return Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3));
}

/** A metric's name and value as Prometheus writes them: base units, snake case. */
export function baseUnits(name: string, value: number): { readonly name: string; readonly value: number } {
  const unit = unitOf(name);
  const suffix = { ms: "_seconds", bytes: "_bytes", "per second": "_per_second", ratio: "_ratio", count: "" }[unit];
  const base = words(stem(name)).replaceAll(/[^a-z0-9]+/g, "_");
  // Names that end so mean something else to Prometheus.
  const plain = base.replace(/_(?:count|sum|bucket|total|info)$/, "_number");
  return { name: `${plain}${suffix}`, value: unit === "ms" ? value / 1000 : value };
}
