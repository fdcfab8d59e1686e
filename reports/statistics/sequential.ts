// Looking at the samples while they come, and stopping as soon as they are clear, without fooling oneself: every look
// spends its own part of the error budget, and the parts add up to the budget (Lan and DeMets 1983, with Pocock's spending
// function). The looks are joined by the union bound, so no assumption about their dependence is needed.

export interface Look {
  /** How many rounds have been measured by then. */
  readonly rounds: number;
  /** The error probability that this look may spend, on each side. */
  readonly tail: number;
}

const growth = 1.5;

/** Looks at `first` rounds, then at half as many more each time, the last one at `last`. */
export function planLooks(first: number, last: number, budget: number): readonly Look[] {
  const sizes: number[] = [];
  for (let size = first; size < last; size = Math.ceil(size * growth)) sizes.push(size);
  sizes.push(Math.max(first, last));
  return sizes.map((rounds, index) => {
    const before = index === 0 ? 0 : spent((sizes[index - 1] as number) / last, budget);
    return { rounds, tail: spent(Math.min(1, rounds / last), budget) - before };
  });
}

/** What may have been spent when a share `time` of all rounds has been seen. */
function spent(time: number, budget: number): number {
  return budget * Math.log(1 + (Math.E - 1) * time);
}

/**
 * What a second, fresh measurement of a suspect may spend, so that a false alarm among `comparisons` has at most the
 * probability `budget`: an alarm must pass the first measurement (with `first`) and then, independently, this one.
 */
export function confirmationTail(first: number, comparisons: number, budget: number): number {
  return Math.min(first, budget / (Math.max(1, comparisons) * first));
}
