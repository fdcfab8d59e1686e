// How often a finding shows that does not show every time, and how many tries decide that a smaller case has lost it.

import type { ShowRate } from "../../reports/statistics/wilson.ts";

/** The probability with which a case that shows the finding at the known rate may be called one that lost it. */
const missProbability = 0.05;
const triesMax = 20;

/**
 * Wald's sequential test of "shows at this rate" against "never shows": the first time that it shows decides for the one,
 * and so many tries without it for the other.
 */
export function triesUntilLost(rate: Pick<ShowRate, "shown" | "tries">): number {
  if (rate.shown === rate.tries || rate.shown === 0) return 1;
  const share = rate.shown / rate.tries;
  return Math.min(triesMax, Math.ceil(Math.log(missProbability) / Math.log(1 - share)));
}

export function rateText({ shown, tries, low, high }: ShowRate): string {
  return `shows in ${shown} of ${tries} tries (95 %: ${low.toFixed(2)} to ${high.toFixed(2)})`;
}
