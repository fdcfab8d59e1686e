/** So many pieces at once. After a failure none is begun any more, and it rejects when those under way have ended. */
export async function inParallel<T>(
  atOnce: number,
  pieces: readonly T[],
  work: (piece: T) => Promise<void>,
): Promise<void> {
  let next = 0;
  const workNext = async (): Promise<void> => {
    while (next < pieces.length) {
      const piece = pieces[next++] as T;
      try {
        await work(piece);
      } catch (error) {
        next = pieces.length;
        throw error;
      }
    }
  };
  const ended = await Promise.allSettled(Array.from({ length: Math.min(atOnce, pieces.length) }, workNext));
  for (const end of ended) if (end.status === "rejected") throw end.reason;
}

/** The same, with what each of them gave, in their order. */
export async function eachInParallel<T, R>(
  atOnce: number,
  items: readonly T[],
  work: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const results: R[] = [];
  await inParallel(atOnce, [...items.entries()], async ([index, item]) => {
    results[index] = await work(item);
  });
  return results;
}
