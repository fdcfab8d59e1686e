// A row of a benchmark as a line for people.
import { benchFigureText } from "../../../reports/figures/bench-figure.ts";
import { type BenchRow, isMet } from "../../bench/rows.ts";
import { paintOut } from "../terminal/style.ts";

export function benchLine(row: BenchRow): string {
  const met = isMet(row);
  const target =
    row.target === undefined ? "" : `target ${row.target.bound} ${benchFigureText(row.unit, row.target.value)}`;
  const verdict = met === undefined ? "" : met ? paintOut("green", "met") : paintOut("red", "missed");
  const value = benchFigureText(row.unit, row.value);
  return `${row.name.padEnd(58)} ${value.padStart(12)}  ${target} ${verdict}`.trimEnd();
}
