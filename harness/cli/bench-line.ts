// A row of a benchmark as a line for people.
import { formatBytes, formatCount, formatDuration } from "../base/units.ts";
import { type BenchRow, isMet } from "../bench/rows.ts";
import { paintOut } from "./style.ts";

export function benchLine(row: BenchRow): string {
  const met = isMet(row);
  const target = row.target === undefined ? "" : `target ${row.target.bound} ${figure(row.unit, row.target.value)}`;
  const verdict = met === undefined ? "" : met ? paintOut("green", "met") : paintOut("red", "missed");
  return `${row.name.padEnd(50)} ${figure(row.unit, row.value).padStart(12)}  ${target} ${verdict}`.trimEnd();
}

/** A value with its unit. */
function figure(unit: BenchRow["unit"], value: number): string {
  switch (unit) {
    case "ms":
      return formatDuration(value);
    case "bytes":
      return formatBytes(value);
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
