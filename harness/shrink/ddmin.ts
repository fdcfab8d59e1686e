// Delta debugging (Zeller and Hildebrandt, ddmin): the smallest part of a list without which the finding is gone.

/** Whether the finding still shows with only these items. */
export type Shows<T> = (kept: readonly T[]) => Promise<boolean>;

/** Lists that are tried at once: most of a try is waiting. */
const atOnce = 3;

/**
 * Returns items that show the finding such that none of them can be left out alone. `items` themselves must show it; with
 * a test that answers false once it has no time left, the best so far is returned.
 */
export async function ddmin<T>(items: readonly T[], shows: Shows<T>): Promise<readonly T[]> {
  if (items.length === 0) return items;
  // Most items of a finding have nothing to do with it.
  if (await shows([])) return [];
  let kept = items;
  let parts = 2;
  while (kept.length > 1) {
    const chunks = split(kept, Math.min(parts, kept.length));
    const smaller = await firstThatShows(chunks, shows);
    if (smaller !== undefined) {
      parts = smaller.isChunk ? 2 : Math.max(2, parts - 1);
      kept = smaller.items;
      continue;
    }
    if (parts >= kept.length) return kept;
    parts = Math.min(kept.length, parts * 2);
  }
  return kept;
}

async function firstThatShows<T>(
  chunks: readonly (readonly T[])[],
  shows: Shows<T>,
): Promise<{ readonly items: readonly T[]; readonly isChunk: boolean } | undefined> {
  const complements = chunks.map((left) => chunks.filter((chunk) => chunk !== left).flat());
  const candidates = [
    ...chunks.map((items) => ({ items, isChunk: true })),
    // With two chunks each is the complement of the other.
    ...(chunks.length === 2 ? [] : complements.map((items) => ({ items, isChunk: false }))),
  ];
  return await firstOf(candidates, ({ items }) => shows(items));
}

/** The first candidate that shows the finding. */
export async function firstOf<C>(
  candidates: readonly C[],
  shows: (candidate: C) => Promise<boolean>,
): Promise<C | undefined> {
  for (let at = 0; at < candidates.length; at += atOnce) {
    const batch = candidates.slice(at, at + atOnce);
    const shown = await Promise.all(batch.map(shows));
    const found = batch.find((_, position) => shown[position] === true);
    if (found !== undefined) return found;
  }
  return undefined;
}

function split<T>(items: readonly T[], parts: number): readonly (readonly T[])[] {
  const at = (part: number): number => Math.floor((part * items.length) / parts);
  return Array.from({ length: parts }, (_, part) => items.slice(at(part), at(part + 1)));
}
