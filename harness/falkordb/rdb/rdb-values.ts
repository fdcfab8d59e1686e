// The values of an RDB, read in steps: a step asks for a number of bytes and gets exactly those, or (negative) asks to
// skip that many. So the walk does not depend on how the stream is split.

/** A generator that yields how many bytes it wants next and receives them. */
export type Ask<T> = Generator<number, T, Buffer>;

const nothing: Buffer = Buffer.alloc(0);

/** Reads a length, or a special encoding (returned as a negative number: -1 - encoding). */
export function* lengthOf(): Ask<bigint> {
  const first = (yield 1).readUInt8();
  switch (first >> 6) {
    case 0:
      return BigInt(first & 63);
    case 1:
      return BigInt(((first & 63) << 8) | (yield 1).readUInt8());
    case 2:
      if (first === 0x80) return BigInt((yield 4).readUInt32BE());
      if (first === 0x81) return (yield 8).readBigUInt64BE();
      throw new RangeError("unknown length");
    default:
      return BigInt(-1 - (first & 63));
  }
}

/** Returns a string of at most `bytesMax` bytes; skips a longer one. */
export function* skipString(bytesMax = 0): Ask<Buffer> {
  const length = Number(yield* lengthOf());
  if (length < 0) return (yield* decoded(-1 - length, (bytes) => bytes <= bytesMax)) ?? nothing;
  if (length === 0) return nothing;
  // The buffer belongs to the stream, so what is kept must be a copy.
  if (length <= bytesMax) return Buffer.from(yield length);
  yield -length;
  return nothing;
}

/** Skips a string, and returns its first bytes where its length `isWanted`, or all of it where `isKept` says so of them. */
export function* peekString(
  headBytes: number,
  isWanted: (length: number) => boolean,
  isKept: (head: Buffer) => boolean,
): Ask<Buffer | undefined> {
  const length = Number(yield* lengthOf());
  if (length < 0) {
    const whole = yield* decoded(-1 - length, isWanted);
    const head = whole?.subarray(0, headBytes);
    return head !== undefined && isKept(head) ? whole : head;
  }
  if (!isWanted(length)) {
    if (length > 0) yield -length;
    return undefined;
  }
  // The buffer belongs to the stream, so what is kept must be a copy.
  const head = Buffer.from(yield Math.min(length, headBytes));
  const left = length - head.length;
  if (isKept(head)) return Buffer.concat([head, yield left]);
  if (left > 0) yield -left;
  return head;
}

/**
 * Special encodings of strings: integers of 1, 2 and 4 bytes, which are skipped, and compressed strings, which are
 * returned where their length `isWanted`.
 */
function* decoded(encoding: number, isWanted: (length: number) => boolean): Ask<Buffer | undefined> {
  if (encoding <= 2) {
    yield -(1 << encoding);
    return undefined;
  }
  if (encoding !== 3) throw new RangeError("unknown encoding of a string");
  const compressed = Number(yield* lengthOf());
  const length = Number(yield* lengthOf());
  if (isWanted(length)) return lzfDecompressed(yield compressed, length);
  yield -compressed;
  return undefined;
}

/** LZF: a control byte below 32 precedes that many literal bytes and one more; others repeat earlier output. */
export function lzfDecompressed(from: Buffer, length: number): Buffer {
  const to = Buffer.alloc(length);
  let [at, end] = [0, 0];
  while (at < from.length) {
    const control = from.readUInt8(at++);
    if (control < 32) {
      end += from.copy(to, end, at, at + control + 1);
      at += control + 1;
      continue;
    }
    let count = control >> 5;
    if (count === 7) count += from.readUInt8(at++);
    let back = end - ((control & 31) << 8) - from.readUInt8(at++) - 1;
    // The copy may overlap what it writes.
    for (let left = count + 2; left > 0; left--) to.writeUInt8(to.readUInt8(back++), end++);
  }
  if (end !== length) throw new RangeError("a compressed string has another length than it says");
  return to;
}

export function textOf(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  return bytes.toString("utf8", 0, end < 0 ? bytes.length : end);
}

const oneString: ReadonlySet<number> = new Set([0, 9, 10, 11, 12, 13, 16, 17, 20]);
const streams: ReadonlyMap<number, 1 | 2 | 3> = new Map([
  [15, 1],
  [19, 2],
  [21, 3],
]);

/** Skips a value of one of the built-in Redis types. */
export function* skipValue(type: number): Ask<void> {
  const stream = streams.get(type);
  if (oneString.has(type)) yield* skipString();
  else if (stream !== undefined) yield* skipStream(stream);
  else if (type === 1 || type === 2 || type === 14) yield* skipStrings(1);
  else if (type === 4) yield* skipStrings(2);
  else if (type === 5) yield* skipScored();
  else if (type === 18) yield* skipQuicklist();
  else if (type === 24) yield* skipHashWithExpiry();
  else if (type === 25) {
    yield -8;
    yield* skipString();
  } else throw new RangeError(`unknown type ${type}`);
}

function* skipStrings(perItem: number): Ask<void> {
  for (let left = Number(yield* lengthOf()) * perItem; left > 0; left--) yield* skipString();
}

function* skipScored(): Ask<void> {
  for (let left = Number(yield* lengthOf()); left > 0; left--) {
    yield* skipString();
    yield -8;
  }
}

function* skipQuicklist(): Ask<void> {
  for (let left = Number(yield* lengthOf()); left > 0; left--) {
    yield* lengthOf();
    yield* skipString();
  }
}

function* skipHashWithExpiry(): Ask<void> {
  yield -8;
  for (let left = Number(yield* lengthOf()); left > 0; left--) {
    yield* lengthOf();
    yield* skipString();
    yield* skipString();
  }
}

function* skipLengths(count: number): Ask<void> {
  for (let left = count; left > 0; left--) yield* lengthOf();
}

function* skipStream(version: 1 | 2 | 3): Ask<void> {
  yield* skipStrings(2);
  yield* skipLengths(version === 1 ? 3 : 8);
  for (let groups = Number(yield* lengthOf()); groups > 0; groups--) {
    yield* skipString();
    yield* skipLengths(version === 1 ? 2 : 3);
    for (let pending = Number(yield* lengthOf()); pending > 0; pending--) {
      yield -(16 + 8);
      yield* lengthOf();
    }
    for (let consumers = Number(yield* lengthOf()); consumers > 0; consumers--) {
      yield* skipString();
      yield version === 3 ? -16 : -8;
      for (let pending = Number(yield* lengthOf()); pending > 0; pending--) yield -16;
    }
  }
}
