// How values and moments of an analysis are written.
import { formatBytes, formatDuration } from "../../harness/base/units.ts";
import type { Objective, ObjectiveForecast, Rate } from "./analysis.ts";

export function valueText(value: number, unit: ObjectiveForecast["unit"] | "bytes", currency = ""): string {
  if (unit === "bytes") return formatBytes(Math.round(value));
  if (unit === "money") return `${money(value)} ${currency}`.trim();
  if (unit === "time") return dayText(new Date(value).toISOString());
  return formatDuration(value * 1000);
}

export function money(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 0.1 ? value.toFixed(2) : Number(value.toPrecision(2)).toString();
}

export function dayText(at: string): string {
  return at.slice(0, 10);
}

export function share(value: number): string {
  return `${Number((value * 100).toFixed(1))} %`;
}

export function rateText({ succeeded, tries, low, high }: Rate): string {
  return `${share(succeeded / tries)} (${succeeded} of ${tries}; 95 %: ${share(low)} to ${share(high)})`;
}

export const objectiveNames: Readonly<Record<Objective, string>> = {
  rto: "recovery time",
  window: "backup window",
  space: "disk space",
  cost: "cost a month",
  lock: "object lock",
  key: "key",
};

/** When it breaks, in words: "about 2026-12-14 (2026-12-08 to 2027-01-03)". */
export function breakText({ state, breaksAt, earliest, latest }: ObjectiveForecast): string {
  if (state === "broken") return "broken now";
  if (breaksAt === undefined) return "not within 90 days";
  if (earliest === undefined) return dayText(breaksAt);
  return `about ${dayText(breaksAt)} (${dayText(earliest)} to ${latest === undefined ? "later than 90 days" : dayText(latest)})`;
}
