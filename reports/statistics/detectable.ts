// What a measurement could have seen: without it, "no regression" and "too noisy to tell" look the same.
import { normalQuantile, studentQuantile } from "./student.ts";

/**
 * The smallest shift that a measurement with this standard error would have called larger than `allowed`, with
 * probability `power`: the allowed shift, and the distances of both error probabilities from it.
 */
export function smallestDetectable(measured: {
  readonly standardError: number;
  readonly rounds: number;
  readonly allowed: number;
  readonly tail: number;
  readonly power?: number;
}): number {
  const { standardError, rounds, allowed, tail, power = 0.8 } = measured;
  if (rounds < 2) return Number.POSITIVE_INFINITY;
  return allowed + (studentQuantile(1 - tail, rounds - 1) + normalQuantile(power)) * standardError;
}
