// Suggestions for an unknown word.

/** The most similar known words, best first; empty where none is similar. */
export function suggestions(word: string, known: readonly string[], max: number = 3): readonly string[] {
  const wanted = word.toLowerCase();
  const near = known
    .map((name) => ({ name, distance: distanceOf(wanted, name.toLowerCase()) }))
    .filter(({ distance }) => distance <= Math.max(1, Math.floor(wanted.length / 3)));
  return near
    .toSorted((a, b) => a.distance - b.distance)
    .slice(0, max)
    .map(({ name }) => name);
}

/** "Did you mean cycle/full or cycle/wire?"; undefined where no known word is similar. */
export function didYouMean(word: string, known: readonly string[]): string | undefined {
  const names = suggestions(word, known);
  if (names.length === 0) return undefined;
  const last = names.at(-1) ?? "";
  return `Did you mean ${names.length === 1 ? last : `${names.slice(0, -1).join(", ")} or ${last}`}?`;
}

/** Number of letters to insert, remove, replace or swap with a neighbour; any suffix costs half a letter in all. */
function distanceOf(word: string, name: string): number {
  if (name.includes(word) && word.length >= 3) return 0.5;
  const parts = name.includes("/") && !word.includes("/") ? name.split("/") : [name];
  return Math.min(...parts.map((part) => editDistance(word, part)));
}

function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      let least = Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1);
      if (a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) least = Math.min(least, (before[j - 2] ?? 0) + 1);
      next.push(least);
    }
    [before, row] = [row, next];
  }
  return row[b.length] ?? 0;
}
