// A share of tries with the interval of Wilson (1927), which holds for few tries and for shares near 0 and 1 as well.

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
