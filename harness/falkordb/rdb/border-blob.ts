// What FalkorDB before 4.18.0 writes and cannot read. It collects what it saves in a buffer of 256,000 bytes; an array
// or text that leaves less than the eight bytes of its own length free is written alone, while the reader expects it
// in a buffer. So a graph with exactly 63,999 or 64,000 nodes of one label, or 32,000 edges of one type, is saved
// without an error and crashes every server that loads it.
//
// By its length alone such a blob looks like a full buffer. A buffer begins with small numbers of eight bytes each, and a
// blob in it with its length; a blob alone begins with what it holds: numbers that rise or fall, or a text.

/** Bytes of a blob that must be read to decide. */
export const headBytes = 64;
const borderBytesMin = 255_993;
const borderBytesMax = 256_000;
/** No id of a node or an edge comes near it; text and numbers in a buffer do. */
const idMax = 2n ** 48n;

export function isBorderLength(length: number): boolean {
  return length >= borderBytesMin && length <= borderBytesMax;
}

export function isBorderBlob(head: Buffer): boolean {
  const numbers32 = Array.from({ length: headBytes / 4 }, (_, index) => BigInt(head.readUInt32LE(index * 4)));
  const numbers64 = Array.from({ length: headBytes / 8 }, (_, index) => head.readBigUInt64LE(index * 8));
  const first = numbers64[0] ?? 0n;
  // The largest blob that fits into a buffer together with its length.
  if (first > 0n && first < BigInt(borderBytesMin) && first >= BigInt(borderBytesMin - 8)) return false;
  return !head.includes(0) || isMonotone(numbers32) || (isMonotone(numbers64) && numbers64.every((id) => id < idMax));
}

function isMonotone(numbers: readonly bigint[]): boolean {
  const pairs = numbers.slice(1).map((value, index) => [numbers[index] ?? 0n, value] as const);
  return pairs.every(([a, b]) => a < b) || pairs.every(([a, b]) => a > b);
}
