// What a benchmark prints: a figure, what it is a ratio of, and the target that it is held to.

export interface BenchRow {
  readonly name: string;
  /** The middle one of all runs. */
  readonly value: number;
  readonly unit: "ms" | "x" | "bytes" | "per s" | "MiB/s";
  /** All runs, in the order in which they were made. */
  readonly runs: readonly number[];
  /** For a ratio: of what. */
  readonly of?: string;
  readonly target?: Target;
}

interface Target {
  readonly bound: "at most" | "at least";
  readonly value: number;
}

export function isMet(row: BenchRow): boolean | undefined {
  if (row.target === undefined) return undefined;
  return row.target.bound === "at most" ? row.value <= row.target.value : row.value >= row.target.value;
}

export function row(
  name: string,
  unit: BenchRow["unit"],
  runs: readonly number[],
  more: Pick<BenchRow, "of" | "target"> = {},
): BenchRow {
  return { name, unit, value: median(runs), runs, ...more };
}

/** Each run of `above` over the run of `below` beside it, so that a machine that slows down slows both. */
export function ratios(above: readonly number[], below: readonly number[]): number[] {
  return above.map((value, index) => value / (below[index] ?? below.at(-1) ?? Number.NaN));
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? Number.NaN;
  return (lower + upper) / 2;
}
