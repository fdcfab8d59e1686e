// A figure of a benchmark with its unit, for people.
import { formatBytes, formatCount, formatDuration } from "../../harness/base/units.ts";

export const benchUnits = ["ms", "x", "bytes", "count", "per s", "MiB/s"] as const;
export type BenchUnit = (typeof benchUnits)[number];

export function benchFigureText(unit: BenchUnit, value: number): string {
  switch (unit) {
    case "ms":
      return formatDuration(value);
    case "bytes":
      return formatBytes(Math.round(value));
    case "count":
      return formatCount(value);
    case "x":
      return `${value < 0.1 ? value.toPrecision(2) : value.toFixed(2)}x`;
    case "per s":
      return `${formatCount(Math.round(value))}/s`;
    case "MiB/s":
      return `${Math.round(value)} MiB/s`;
  }
}
