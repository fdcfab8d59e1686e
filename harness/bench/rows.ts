// What a benchmark gives: figures, each with all its runs, what it is a ratio of, and the target that it is held to.
import { median } from "simple-statistics";
import { z } from "zod";
import { type BenchUnit, benchUnits } from "../../reports/figures/bench-figure.ts";

export interface BenchRow {
  /** Unique among the rows of its benchmark, because versions are compared by it. */
  readonly name: string;
  /** The middle one of all runs. */
  readonly value: number;
  /** Less is better, unless a row says otherwise; of `per s` and `MiB/s` more is. */
  readonly unit: BenchUnit;
  /** All runs, in the order in which they were made. */
  readonly runs: readonly number[];
  readonly better: "less" | "more";
  /** What a ratio is relative to. */
  readonly of?: string | undefined;
  /** Share by which two runs of one version may differ, for a figure that does not depend on time; often 0. */
  readonly exactWithin?: number | undefined;
  readonly target?: Target | undefined;
  /** The chart line and point that the row belongs to, if any. */
  readonly curve?: Curve | undefined;
}
export const benchRowSchema: z.ZodType<BenchRow> = z.object({
  name: z.string(),
  value: z.number(),
  unit: z.enum(benchUnits),
  runs: z.array(z.number()),
  better: z.enum(["less", "more"]),
  of: z.string().optional(),
  exactWithin: z.number().optional(),
  target: z.object({ bound: z.enum(["at most", "at least"]), value: z.number() }).optional(),
  curve: z.object({ chart: z.string(), line: z.string(), x: z.number() }).optional(),
});

interface Target {
  readonly bound: "at most" | "at least";
  readonly value: number;
}

interface Curve {
  readonly chart: string;
  readonly line: string;
  readonly x: number;
}

export function isMet(row: BenchRow): boolean | undefined {
  if (row.target === undefined) return undefined;
  return row.target.bound === "at most" ? row.value <= row.target.value : row.value >= row.target.value;
}

export function row(
  name: string,
  unit: BenchRow["unit"],
  runs: readonly number[],
  more: Partial<Pick<BenchRow, "of" | "target" | "better" | "exactWithin" | "curve">> = {},
): BenchRow {
  return {
    name,
    unit,
    value: runs.length === 0 ? Number.NaN : median(runs),
    runs,
    better: unit.endsWith("/s") || unit === "per s" ? "more" : "less",
    ...more,
  };
}

/** Each run of `above` over the adjacent run of `below`, so that a machine that slows down slows both. */
export function ratios(above: readonly number[], below: readonly number[]): number[] {
  return above.map((value, index) => value / (below[index] ?? below.at(-1) ?? Number.NaN));
}
