// Axes: where the ticks of a chart are. Positions are shares of its width, so that a chart stretches and its text does not.

export interface Axis {
  readonly min: number;
  readonly max: number;
  readonly ticks: readonly number[];
}

/** An axis from `min` to at least `max`, with about `count` ticks at round numbers. */
export function axis(min: number, max: number, count: number = 4): Axis {
  const span = length(min, max);
  const step = roundStep(span / count);
  const first = Math.ceil(min / step - 1e-9) * step;
  const ticks: number[] = [];
  for (let index = 0; first + index * step <= min + span + step * 1e-6; index += 1) ticks.push(first + index * step);
  return { min, max: min + span, ticks };
}

/** The same, stretched to the next ticks, so that the highest value has its grid line above it, and the lowest below. */
export function roundAxis(min: number, max: number, count: number = 4): Axis {
  const step = roundStep(length(min, max) / count);
  const from = Math.floor(min / step + 1e-9) * step;
  return axis(from, from + Math.ceil(length(from, max) / step - 1e-9) * step, count);
}

/** A length too small to be distinguished on this scale counts as zero, and an axis needs a length. */
function length(min: number, max: number): number {
  const scale = Math.max(Math.abs(min), Math.abs(max));
  return max - min > Math.max(1e-9, scale * 1e-9) ? max - min : Math.max(1, scale);
}

function roundStep(raw: number): number {
  const power = 10 ** Math.floor(Math.log10(raw));
  const factor = [1, 2, 5, 10].find((round) => round * power >= raw * 0.999) ?? 10;
  return factor * power;
}

/** Position of `value` on an axis, as a percentage of its length with three decimals. */
export function percentOnAxis(value: number, { min, max }: Pick<Axis, "min" | "max">): number {
  const share = max > min ? (value - min) / (max - min) : 0;
  return Math.round(Math.min(1, Math.max(0, share)) * 1e5) / 1e3;
}
