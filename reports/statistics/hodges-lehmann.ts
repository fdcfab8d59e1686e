// Hodges and Lehmann's estimators of location (1963): nearly as sharp as the mean on normal noise, and hardly moved by a
// run that the machine disturbed.
import { medianInPlace } from "./median.ts";

/** The median of the averages of all pairs, each value paired with itself too. NaN for no values. */
export function centre(values: ArrayLike<number>): number {
  const averages = new Float64Array((values.length * (values.length + 1)) / 2);
  let at = 0;
  for (let i = 0; i < values.length; i += 1) {
    for (let j = i; j < values.length; j += 1) averages[at++] = ((values[i] as number) + (values[j] as number)) / 2;
  }
  return medianInPlace(averages);
}

/** How far `head` lies above `base`: the median of all differences between one and the other. */
export function shift(base: ArrayLike<number>, head: ArrayLike<number>): number {
  const differences = new Float64Array(base.length * head.length);
  let at = 0;
  for (let i = 0; i < base.length; i += 1) {
    for (let j = 0; j < head.length; j += 1) differences[at++] = (head[j] as number) - (base[i] as number);
  }
  return medianInPlace(differences);
}
