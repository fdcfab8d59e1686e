// Where a series changed: E-divisive (Matteson and James, JASA 109, 2014), as MongoDB and Apache Otava use it on
// benchmarks. A split is as good as the energy distance between its sides; it counts when few shuffles of the same values
// can be split as well; both sides are then searched in turn. Shuffles come from the seed.
import { Draw } from "../../generators/random.ts";
import { shuffled } from "./shuffle.ts";

export interface ChangePoint {
  /** Index of the first value after the change. */
  readonly at: number;
  /** Share of shuffles that could be split as well, the series itself counted as one. */
  readonly p: number;
}

export interface ChangePointOptions {
  readonly seed: number;
  /** Highest p that counts as a change. */
  readonly significance?: number;
  readonly shuffles?: number;
  /** Values that each side must have; a change cannot be seen before so many came after it. */
  readonly sideMin?: number;
}

/** Change points in the order of the series. Takes time quadratic in its length. */
export function changePoints(values: readonly number[], options: ChangePointOptions): readonly ChangePoint[] {
  const { seed, significance = 0.01, shuffles = 399, sideMin = 4 } = options;
  const found: ChangePoint[] = [];
  const search = (from: number, to: number): void => {
    const part = values.slice(from, to);
    const best = bestSplit(part, sideMin);
    if (best === undefined) return;
    const draw = new Draw(seed, `e-divisive/${from}/${to}`);
    let asGood = 1;
    for (let shuffle = 0; shuffle < shuffles; shuffle += 1) {
      const other = bestSplit(shuffled(part, draw.at(shuffle)), sideMin);
      if (other !== undefined && other.energy >= best.energy) asGood += 1;
    }
    const p = asGood / (shuffles + 1);
    if (p > significance) return;
    search(from, from + best.at);
    found.push({ at: from + best.at, p });
    search(from + best.at, to);
  };
  search(0, values.length);
  return found;
}

/** The split with the largest energy; undefined where both sides would be too short, or nothing differs. */
export function bestSplit(values: readonly number[], sideMin: number): { at: number; energy: number } | undefined {
  const count = values.length;
  // Sums of distances: within the left side, within the right side, and between them. One value moves over at a time.
  let [left, right, between] = [0, 0, 0];
  for (let i = 0; i < count; i += 1) for (let j = 0; j < i; j += 1) right += distance(values, i, j);
  let best: { at: number; energy: number } | undefined;
  for (let at = 1; at <= count - sideMin; at += 1) {
    const moved = at - 1;
    let [toLeft, toRight] = [0, 0];
    for (let i = 0; i < moved; i += 1) toLeft += distance(values, i, moved);
    for (let j = at; j < count; j += 1) toRight += distance(values, j, moved);
    left += toLeft;
    right -= toRight;
    between += toRight - toLeft;
    if (at < sideMin) continue;
    const energy = energyOf(at, count - at, { left, right, between });
    if (energy > (best?.energy ?? 1e-12)) best = { at, energy };
  }
  return best;
}

function energyOf(m: number, n: number, sums: { left: number; right: number; between: number }): number {
  const pairs = (size: number): number => (size * (size - 1)) / 2;
  const spread = (2 * sums.between) / (m * n) - sums.left / pairs(m) - sums.right / pairs(n);
  return ((m * n) / (m + n)) * spread;
}

function distance(values: readonly number[], i: number, j: number): number {
  return Math.abs((values[i] as number) - (values[j] as number));
}
