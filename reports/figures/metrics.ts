// How metrics and witnesses are written: names from the registry (measures.ts), units from the end of the name. What the
// registry does not know is shown all the same, by its own name.
import { formatBytes, formatCount, formatDuration } from "../../harness/base/units.ts";
import { metricMeasure, witnessMeasure } from "./measures.ts";

type Unit = "ms" | "bytes" | "per second" | "ratio" | "count";

export function metricLabel(name: string): string {
  return metricMeasure(name)?.label ?? words(stem(name));
}

/** What a metric means, in one sentence: a tooltip, or a HELP text. */
export function metricMeaning(name: string): string {
  return metricMeasure(name)?.means ?? `Measured by a scenario: ${words(stem(name))}.`;
}

export function witnessLabel(name: string): string {
  return witnessMeasure(name)?.label ?? words(name);
}

/** A count with its label: "3 graphs compared", "1 graph compared". */
export function countedWitness(name: string, count: number): string {
  const label = witnessLabel(name);
  return `${formatCount(count)} ${count === 1 ? label.replace(pluralNoun, singular) : label}`;
}

/** The first plural noun of a label. */
const pluralNoun = /\b[a-z-]+s\b(?<!ss)/i;

function singular(noun: string): string {
  return noun
    .replace(/ies$/, "y")
    .replace(/(?<=x|ch|sh)es$/, "")
    .replace(/s$/, "");
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

/** Three digits where the value is small; more digits help no reader. */
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

export interface Figure {
  readonly name: string;
  readonly value: string;
}
