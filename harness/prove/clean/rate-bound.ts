// The upper bound of a rate of which `events` were seen in `trials`, with a confidence of 95 % (Clopper and Pearson, one
// side). Without an event it is 1 - 0.05^(1/n), about 3/n.

const risk = 0.05;

export function rateBound(events: number, trials: number): number {
  if (events >= trials) return 1;
  let low = events / trials;
  let high = 1;
  // Halving 60 times is exact to the last bits of a double.
  for (let step = 0; step < 60; step += 1) {
    const middle = (low + high) / 2;
    if (atMost(events, trials, middle) > risk) low = middle;
    else high = middle;
  }
  return high;
}

/** Probability of at most `events` in `trials` at this rate. */
function atMost(events: number, trials: number, rate: number): number {
  let logTerm = trials * Math.log1p(-rate);
  let sum = Math.exp(logTerm);
  for (let k = 1; k <= events; k += 1) {
    logTerm += Math.log((trials - k + 1) / k) + Math.log(rate) - Math.log1p(-rate);
    sum += Math.exp(logTerm);
  }
  return sum;
}
