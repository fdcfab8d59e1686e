// Counter-based randomness: every draw is a pure function of (seed, stream, index, position), so any record can be made
// on its own, in any order and any chunking. Only integer arithmetic and exact IEEE operations are used, because the
// bytes must be the same on every machine; Math.exp and its kin may differ in the last bit.

/** A bijective 32-bit finaliser (two multiply-xorshift rounds); every input bit reaches every output bit. */
export function mix32(value: number): number {
  let x = value ^ (value >>> 16);
  x = Math.imul(x, 0x21f0aaad);
  x ^= x >>> 15;
  x = Math.imul(x, 0x735a2d97);
  return (x ^ (x >>> 15)) >>> 0;
}

function keyOf(seed: number, stream: string, salt: number): number {
  let key = mix32((seed >>> 0) ^ salt);
  key = mix32(key ^ (Math.floor(seed / 2 ** 32) >>> 0));
  for (let i = 0; i < stream.length; i++) key = mix32(key + Math.imul(stream.charCodeAt(i) + 1, 0x9e3779b1));
  return key;
}

/**
 * A cursor over the draws of one stream. `at(index)` moves it to the start of that index's own endless row; the methods
 * then draw one after another. It is mutable so that millions of records need no allocation.
 */
export class Draw {
  readonly #first: number;
  readonly #second: number;
  #a = 0;
  #b = 0;

  constructor(seed: number, stream: string) {
    this.#first = keyOf(seed, stream, 0x243f6a88);
    this.#second = keyOf(seed, stream, 0x85a308d3);
    this.at(0);
  }

  at(index: number): this {
    // Two independently keyed permutations of the index make a 64-bit state: rows of different streams do not collide.
    const high = Math.imul(Math.floor(index / 2 ** 32), 0xc2b2ae35);
    this.#a = mix32(Math.imul(index, 0x9e3779b1) + this.#first + high);
    this.#b = mix32(Math.imul(index, 0x85ebca6b) + this.#second - high);
    return this;
  }

  /** 32 random bits, unsigned. */
  next(): number {
    // One finaliser for both halves of the state: the counter is scrambled, the row is added in the middle.
    const counter = (this.#b + 0x6d2b79f5) | 0;
    this.#b = counter;
    let x = (Math.imul(counter ^ (counter >>> 16), 0x21f0aaad) + this.#a) | 0;
    x ^= x >>> 15;
    x = Math.imul(x, 0x735a2d97);
    return (x ^ (x >>> 15)) >>> 0;
  }

  /** An integer in [0, limit). */
  below(limit: number): number {
    return Math.floor((this.next() / 2 ** 32) * limit);
  }

  /** In [0, 1). */
  unit(): number {
    return this.next() / 2 ** 32;
  }

  chance(probability: number): boolean {
    return this.next() < probability * 2 ** 32;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T;
  }

  /** Six points of a distribution (least, p10, p50, p90, p99, most) with straight lines between them. */
  quantile(points: Quantiles): number {
    const u = this.unit();
    let k = 0;
    while (k < 4 && u >= (quantileShares[k + 1] as number)) k++;
    const from = quantileShares[k] as number;
    const to = quantileShares[k + 1] as number;
    const low = points[k] as number;
    return low + (((points[k + 1] as number) - low) * (u - from)) / (to - from);
  }

  /** A uuid of version 4 in the form that Python's str(uuid4()) gives. */
  uuid(): string {
    this.uuidInto(scratch, 0);
    return scratch.toString("latin1");
  }

  /** The same as 36 bytes of ASCII. */
  uuidInto(bytes: Uint8Array, position: number): void {
    const a = this.next();
    const b = (this.next() & 0xffff0fff) | 0x4000;
    const c = (this.next() & 0x3fffffff) | 0x80000000;
    const d = this.next();
    hex4(bytes, position, a >>> 16);
    hex4(bytes, position + 4, a & 0xffff);
    bytes[position + 8] = dash;
    hex4(bytes, position + 9, b >>> 16);
    bytes[position + 13] = dash;
    hex4(bytes, position + 14, b & 0xffff);
    bytes[position + 18] = dash;
    hex4(bytes, position + 19, c >>> 16);
    bytes[position + 23] = dash;
    hex4(bytes, position + 24, c & 0xffff);
    hex4(bytes, position + 28, d >>> 16);
    hex4(bytes, position + 32, d & 0xffff);
  }
}

/** least, p10, p50, p90, p99, most */
export type Quantiles = readonly [number, number, number, number, number, number];
const quantileShares = [0, 0.1, 0.5, 0.9, 0.99, 1] as const;

const dash = 45;
const scratch = Buffer.alloc(36);
const highDigit = new Uint8Array(256).map((_, byte) => (byte >>> 4).toString(16).charCodeAt(0));
const lowDigit = new Uint8Array(256).map((_, byte) => (byte & 15).toString(16).charCodeAt(0));

function hex4(bytes: Uint8Array, position: number, value: number): void {
  bytes[position] = highDigit[value >>> 8] as number;
  bytes[position + 1] = lowDigit[value >>> 8] as number;
  bytes[position + 2] = highDigit[value & 255] as number;
  bytes[position + 3] = lowDigit[value & 255] as number;
}
