// What FalkorDB before 4.18.0 writes and cannot read. It collects what it saves in a buffer of 256,000 bytes; an array
// or text that leaves less than the eight bytes of its own length free is written alone, while the reader expects it
// in a buffer. So a graph with exactly 63,999 or 64,000 nodes of one label, or labels in all, or 32,000 edges of one type, is saved
// without an error and crashes every server that loads it.
//
// By its length alone such a blob looks like a full buffer. A buffer begins with small numbers of eight bytes each, and a
// blob in it with its length; a blob alone begins with what it holds: numbers that rise or fall, or a text. Numbers in no
// order, as those of the labels of all nodes, are told by what follows: an array is followed by the name of its type.

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

/** The name of its type follows an array: a length, and `GrB_UINT64`, for example. */
export function isArrayName(bytes: Buffer, at = 0): boolean {
  return bytes.toString("latin1", at + 8, at + 12) === "GrB_";
}

/** Numbers of an array are ids, positions or truth values; texts and doubles of a buffer have larger words. */
const wordMax = 2 ** 28;
/** Bytes of the numbers that may be before an array in a buffer that begins between two arrays. */
const numbersMax = 128;

export function mayBeArray(bytes: Buffer): boolean {
  for (let at = 0; at + 4 <= bytes.length; at += 4) if (bytes.readUInt32LE(at) >= wordMax) return false;
  return true;
}

/** Whether bytes that the name of a type follows are one array, and not a buffer that ends with one. */
export function isArrayAlone(bytes: Buffer): boolean {
  for (let at = 0; at <= numbersMax; at += 8)
    if (bytes.readBigUInt64LE(at) === BigInt(bytes.length - at - 8)) return false;
  return mayBeArray(bytes);
}

function isMonotone(numbers: readonly bigint[]): boolean {
  const pairs = numbers.slice(1).map((value, index) => [numbers[index] ?? 0n, value] as const);
  return pairs.every(([a, b]) => a < b) || pairs.every(([a, b]) => a > b);
}
