// Shares work between several connections: each takes the next piece when it has finished the last.
import type { ReadStream } from "./read-stream.ts";

export async function forEachConcurrently<T>(
  streams: readonly ReadStream[],
  pieces: Iterable<T>,
  work: (stream: ReadStream, piece: T) => Promise<void>,
): Promise<void> {
  const left = Iterator.from(pieces);
  const worker = async (stream: ReadStream): Promise<void> => {
    for (let next = left.next(); next.done !== true; next = left.next()) await work(stream, next.value);
  };
  await Promise.all(streams.map(worker));
}

/** Ranges of ids from 0 to `last`. */
export function* idRanges(last: number, size: number): Generator<{ from: number; to: number }> {
  for (let from = 0; from <= last; from += size) yield { from, to: from + size };
}
