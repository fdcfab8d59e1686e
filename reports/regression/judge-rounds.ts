// Two versions measured in rounds: base, base again and head, close together and in an order from the seed. What head
// differs by is judged within rounds, so a machine that changes its pace changes nothing; base against itself goes
// through the same judge, and shows what the machine makes up.
import { type Bootstrap, bootstrapRounds } from "../statistics/bootstrap.ts";
import { smallestDetectable } from "../statistics/detectable.ts";

/** Positive numbers in one unit, of which less is better. */
export interface Round {
  readonly base: number;
  readonly again: number;
  readonly head: number;
}

/** Ratios to the base: 1.05 is 5 % more. */
export interface Change {
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
}

export interface RoundsJudgement {
  /** `noisy`: base differs from itself by more than is allowed. `unclear`: the interval holds both sides of the limit. */
  readonly says: "slower" | "within" | "faster" | "unclear" | "noisy";
  readonly rounds: number;
  /** Confidence level of the intervals, such as 0.96. */
  readonly confidence: number;
  readonly head: Change;
  readonly again: Change;
  /** The smallest ratio that would have been called slower with a probability of 80 %. */
  readonly detectable: number;
}

export interface RoundsLimit {
  /** The share by which head may be slower, such as 0.05. */
  readonly allowed: number;
  /** The error probability on each side. */
  readonly tail: number;
  readonly seed: number;
}

export function judgeRounds(rounds: readonly Round[], { allowed, tail, seed }: RoundsLimit): RoundsJudgement {
  // In logarithms: 5 % more is as far as it is from 5 % less to the same again, and ratios become differences.
  const head = bootstrapRounds(
    rounds.map((round) => [Math.log(round.head / round.base), Math.log(round.head / round.again)]),
    seed,
  );
  const again = bootstrapRounds(
    rounds.map((round) => [Math.log(round.again / round.base)]),
    seed,
  );
  const limit = Math.log1p(allowed);
  return {
    says: says(head, again, tail, limit),
    rounds: rounds.length,
    confidence: 1 - 2 * tail,
    head: change(head, tail),
    again: change(again, tail),
    detectable: Math.exp(
      smallestDetectable({ standardError: head.standardError, rounds: rounds.length, allowed: limit, tail }),
    ),
  };
}

function says(head: Bootstrap, again: Bootstrap, tail: number, limit: number): RoundsJudgement["says"] {
  const noise = again.interval(tail);
  if (noise.low > limit || noise.high < -limit) return "noisy";
  const { low, high } = head.interval(tail);
  if (low > limit) return "slower";
  if (high < -limit) return "faster";
  return high < limit ? "within" : "unclear";
}

function change(bootstrap: Bootstrap, tail: number): Change {
  const { low, high } = bootstrap.interval(tail);
  return { estimate: Math.exp(bootstrap.estimate), low: Math.exp(low), high: Math.exp(high) };
}
