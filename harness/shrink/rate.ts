// How often a finding shows that does not show every time, and how many tries decide that a smaller case has lost it.

export interface ShowRate {
  readonly shown: number;
  readonly tries: number;
  /** 95 % interval of Wilson. */
  readonly low: number;
  readonly high: number;
}

/** The standard normal quantile of a two-sided 95 % interval. */
const z = 1.959964;

export function rateOf(shown: number, tries: number): ShowRate {
  if (tries === 0) return { shown, tries, low: 0, high: 1 };
  const share = shown / tries;
  const spread = z * Math.sqrt((share * (1 - share)) / tries + (z * z) / (4 * tries * tries));
  const centre = share + (z * z) / (2 * tries);
  const scale = 1 + (z * z) / tries;
  return {
    shown,
    tries,
    low: shown === 0 ? 0 : (centre - spread) / scale,
    high: shown === tries ? 1 : (centre + spread) / scale,
  };
}

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
