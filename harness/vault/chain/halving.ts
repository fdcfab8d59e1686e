/**
 * The first number that something does not hold of, by halving: it holds of `low` and of none from `high` on. With `atOnce`
 * so many are asked at a time, which needs fewer turns and more questions.
 */
export async function firstWithout(
  holds: (number: number) => Promise<boolean>,
  low: number,
  high: number,
  atOnce = 1,
): Promise<number> {
  while (high - low > 1) {
    const asked = betweenEvenly(low, high, atOnce);
    const first = (await Promise.all(asked.map(holds))).indexOf(false);
    [low, high] = [(first === -1 ? asked.at(-1) : asked[first - 1]) ?? low, asked[first] ?? high];
  }
  return high;
}

function betweenEvenly(low: number, high: number, countMax: number): readonly number[] {
  const count = Math.min(countMax, high - low - 1);
  return Array.from({ length: count }, (_, index) => low + Math.floor(((high - low) * (index + 1)) / (count + 1)));
}
