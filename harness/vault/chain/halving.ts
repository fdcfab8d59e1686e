/** The first number that something does not hold of, by halving: it holds of `low` and of none from `high` on. */
export async function firstWithout(
  holds: (number: number) => Promise<boolean>,
  low: number,
  high: number,
): Promise<number> {
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (await holds(middle)) low = middle;
    else high = middle;
  }
  return high;
}
