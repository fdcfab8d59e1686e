// How sure an estimate is: it is computed again from samples drawn from the samples, by the seed. The plain percentile
// interval is too narrow for few samples; Hesterberg's expanded percentiles (The American Statistician 69, 2015) widen
// it by what Student's t is wider than the normal distribution, and by the spread that resampling loses.
import { Draw } from "../../generators/random.ts";
import { centre, shift } from "./hodges-lehmann.ts";
import { normalCumulative, studentQuantile } from "./student.ts";

interface Interval {
  readonly low: number;
  readonly high: number;
}

export interface Bootstrap {
  readonly estimate: number;
  readonly standardError: number;
  /** An interval that leaves out `tail` (such as 0.025) on each side; infinite where the samples cannot say. */
  interval(tail: number): Interval;
}

const resamplesDefault = 4000;

/**
 * The centre of differences that were taken in rounds. A round is drawn as a whole, because what was measured in one
 * minute is alike.
 */
export function bootstrapRounds(
  rounds: readonly (readonly number[])[],
  seed: number,
  resamples: number = resamplesDefault,
): Bootstrap {
  const draw = new Draw(seed, "bootstrap/rounds");
  const values: number[] = [];
  const again = (index: number): number => {
    draw.at(index);
    values.length = 0;
    for (let count = rounds.length; count > 0; count -= 1) values.push(...draw.pick(rounds));
    return centre(values);
  };
  return bootstrapOf(centre(rounds.flat()), rounds.length, resamples, again);
}

/** The shift from one set of samples to another one, taken independently. */
export function bootstrapSets(
  base: readonly number[],
  head: readonly number[],
  seed: number,
  resamples: number = resamplesDefault,
): Bootstrap {
  const draw = new Draw(seed, "bootstrap/sets");
  const again = (index: number): number => {
    draw.at(index);
    const some = (values: readonly number[]): number[] => values.map(() => draw.pick(values));
    return shift(some(base), some(head));
  };
  return bootstrapOf(shift(base, head), Math.min(base.length, head.length), resamples, again);
}

function bootstrapOf(estimate: number, count: number, resamples: number, again: (index: number) => number): Bootstrap {
  if (count < 2) {
    const nothing = { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY };
    return { estimate, standardError: Number.POSITIVE_INFINITY, interval: () => nothing };
  }
  const estimates = Float64Array.from({ length: resamples }, (_, index) => again(index)).sort();
  const expansion = Math.sqrt(count / (count - 1));
  const mean = estimates.reduce((sum, value) => sum + value, 0) / resamples;
  const variance = estimates.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (resamples - 1);
  return {
    estimate,
    standardError: Math.sqrt(variance) * expansion,
    interval: (tail) => {
      const expanded = normalCumulative(expansion * studentQuantile(tail, count - 1));
      const rank = Math.floor(expanded * resamples);
      // Fewer resamples lie out there than one: the bootstrap has nothing to say about such a tail.
      if (rank < 1) return { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY };
      return { low: estimates[rank - 1] as number, high: estimates[resamples - rank] as number };
    },
  };
}
