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
 * A cursor over the draws of one stream. `at(index)` moves it to the start of that index's own endless sequence; the
 * methods then draw one after another. It is mutable so that millions of records need no allocation.
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
    // Two independently keyed permutations of the index make a 64-bit state: sequences of different streams do not collide.
    const high = Math.imul(Math.floor(index / 2 ** 32), 0xc2b2ae35);
    this.#a = mix32(Math.imul(index, 0x9e3779b1) + this.#first + high);
    this.#b = mix32(Math.imul(index, 0x85ebca6b) + this.#second - high);
    return this;
  }

  /** 32 random bits, unsigned. */
  next(): number {
    // One finaliser for both halves of the state: the counter is scrambled, the sequence's key is added in the middle.
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

  /** A number in [0, 1). */
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
    this.uuidInto(scratchView, 0);
    return scratch.toString("latin1");
  }

  /** The same as 36 bytes of ASCII: nine stores of four digits, the dashes among them. */
  uuidInto(view: DataView, position: number): void {
    const a = this.next();
    const b = this.next();
    const c = this.next();
    const d = this.next();
    view.setUint32(position, hex4(a >>> 16));
    view.setUint32(position + 4, hex4(a & 0xffff));
    view.setUint8(position + 8, dash);
    view.setUint32(position + 9, hex4(b >>> 16));
    view.setUint8(position + 13, dash);
    view.setUint32(position + 14, hex4((b & 0x0fff) | 0x4000));
    view.setUint8(position + 18, dash);
    view.setUint32(position + 19, hex4(((c >>> 16) & 0x3fff) | 0x8000));
    view.setUint8(position + 23, dash);
    view.setUint32(position + 24, hex4(c & 0xffff));
    view.setUint32(position + 28, hex4(d >>> 16));
    view.setUint32(position + 32, hex4(d & 0xffff));
  }
}

/** least, p10, p50, p90, p99, most */
export type Quantiles = readonly [number, number, number, number, number, number];
const quantileShares = [0, 0.1, 0.5, 0.9, 0.99, 1] as const;

const dash = 45;
const scratch = Buffer.alloc(36);
const scratchView = new DataView(scratch.buffer, scratch.byteOffset, scratch.length);

/** Sixteen bits as four hexadecimal digits, all four at once: each half byte gets a byte, and letters get 39 more. */
function hex4(value: number): number {
  let digits = (value | (value << 8)) & 0x00ff00ff;
  digits = (digits | (digits << 4)) & 0x0f0f0f0f;
  const letters = ((digits + 0x06060606) >>> 4) & 0x01010101;
  return digits + 0x30303030 + letters * 39;
}
