// The figures as github-action-benchmark reads them (`customSmallerIsBetter`), for those who have its charts already.
import type { MeasuredFigure } from "./measured-run.ts";

export interface ActionBenchmarkEntry {
  readonly name: string;
  readonly unit: string;
  readonly value: number;
  /** Spread of the runs, where there are several. */
  readonly range?: string;
  readonly extra?: string;
}

/** Less has to be better there, so a rate becomes the time of one piece, and a ratio turns round. */
export function actionBenchmark(
  figures: readonly (MeasuredFigure & { readonly runs?: readonly number[] })[],
): readonly ActionBenchmarkEntry[] {
  return figures.map(({ name, unit, value, better, runs = [] }) => {
    const entry = better === "less" ? { name, unit, value } : { name, ...inverted(unit, value) };
    if (runs.length < 2) return entry;
    const half = (Math.max(...runs) - Math.min(...runs)) / 2;
    return { ...entry, range: `± ${((half / Math.abs(value)) * 100).toFixed(1)} %`, extra: `${runs.length} runs` };
  });
}

function inverted(unit: string, value: number): { unit: string; value: number } {
  if (unit === "per s") return { unit: "µs each", value: 1e6 / value };
  if (unit === "MiB/s") return { unit: "ms per MiB", value: 1000 / value };
  return { unit: `1/${unit}`, value: 1 / value };
}
