// What an entry of the registry of metrics says, and the unit that follows from a name, as Prometheus prescribes it.

export interface MetricEntry {
  readonly type: "gauge" | "counter" | "histogram";
  readonly labels: readonly string[];
  /** One sentence: the HELP text. */
  readonly help: string;
  /** Where each value comes from, so that somebody else can compute it. */
  readonly from: string;
  /** What a reader might take it for, and must not. */
  readonly cannotSay: string;
}

type Unit = "Unix time in seconds" | "seconds" | "bytes" | "bytes per second" | "count" | "1 or 0";

export function metricUnit(name: string): Unit {
  if (name.endsWith("_timestamp_seconds")) return "Unix time in seconds";
  if (name.endsWith("_bytes_per_second")) return "bytes per second";
  if (name.endsWith("_seconds")) return "seconds";
  if (name.endsWith("_bytes")) return "bytes";
  return /_(?:up|usable|verdict|info|met)$/.test(name) ? "1 or 0" : "count";
}
