// MurmurHash3 (x86, 128 bits; published in the public domain by its author), over bytes in place, and order-free sums
// of such hashes. Not cryptographic: it finds accidental changes; forgery is found by the signature of a backup.

/** Writes the hash to `lanes`, so that millions of calls allocate nothing. */
export function hashBytes(view: DataView, start: number, end: number, seed: number, lanes: Uint32Array): void {
  let h1 = seed | 0;
  let h2 = h1;
  let h3 = h1;
  let h4 = h1;
  const length = end - start;
  let at = start;
  for (const last = start + (length & ~15); at < last; at += 16) {
    h1 ^= mix1(view.getInt32(at, true));
    h1 = (Math.imul(rotate(h1, 19) + h2, 5) + 0x561ccd1b) | 0;
    h2 ^= mix2(view.getInt32(at + 4, true));
    h2 = (Math.imul(rotate(h2, 17) + h3, 5) + 0x0bcaa747) | 0;
    h3 ^= mix3(view.getInt32(at + 8, true));
    h3 = (Math.imul(rotate(h3, 15) + h4, 5) + 0x96cd1c35) | 0;
    h4 ^= mix4(view.getInt32(at + 12, true));
    h4 = (Math.imul(rotate(h4, 13) + h1, 5) + 0x32ac3b17) | 0;
  }
  const rest = length & 15;
  if (rest > 12) h4 ^= mix4(word(view, at + 12, end));
  if (rest > 8) h3 ^= mix3(word(view, at + 8, end));
  if (rest > 4) h2 ^= mix2(word(view, at + 4, end));
  if (rest > 0) h1 ^= mix1(word(view, at, end));
  finish(h1 ^ length, h2 ^ length, h3 ^ length, h4 ^ length, lanes);
}

function finish(h1: number, h2: number, h3: number, h4: number, lanes: Uint32Array): void {
  const all = h1 + h2 + h3 + h4;
  const a = finalMix(all);
  const b = finalMix(h2 + all);
  const c = finalMix(h3 + all);
  const d = finalMix(h4 + all);
  lanes[0] = a + b + c + d;
  lanes[1] = b + a + b + c + d;
  lanes[2] = c + a + b + c + d;
  lanes[3] = d + a + b + c + d;
}

/** Reads up to four bytes, little-endian, but not beyond `end`. */
function word(view: DataView, at: number, end: number): number {
  if (end - at >= 4) return view.getInt32(at, true);
  let value = view.getUint8(at);
  if (end - at > 1) value |= view.getUint8(at + 1) << 8;
  if (end - at > 2) value |= view.getUint8(at + 2) << 16;
  return value;
}

const c1 = 0x239b961b;
const c2 = 0xab0e9789;
const c3 = 0x38b34ae5;
const c4 = 0xa1e38b93;

function mix1(k: number): number {
  return Math.imul(rotate(Math.imul(k, c1), 15), c2);
}
function mix2(k: number): number {
  return Math.imul(rotate(Math.imul(k, c2), 16), c3);
}
function mix3(k: number): number {
  return Math.imul(rotate(Math.imul(k, c3), 17), c4);
}
function mix4(k: number): number {
  return Math.imul(rotate(Math.imul(k, c4), 18), c1);
}

function rotate(value: number, by: number): number {
  return (value << by) | (value >>> (32 - by));
}

/** The finalizer of MurmurHash3: a bijection of 32 bits in which every bit depends on every other. */
export function finalMix(value: number): number {
  let h = value ^ (value >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** Sums of hashes: four words of 32 bits per slot, each summed modulo 2^32. */
export class Sums {
  readonly #lanes: Uint32Array;

  constructor(slots: number) {
    this.#lanes = new Uint32Array(slots * 4);
  }

  get slots(): number {
    return this.#lanes.length / 4;
  }

  /** A copy with room for twice as many. */
  grown(): Sums {
    const sums = new Sums(this.slots * 2);
    sums.#lanes.set(this.#lanes);
    return sums;
  }

  add(slot: number, lanes: Uint32Array): void {
    const at = slot * 4;
    const sums = this.#lanes;
    for (let lane = 0; lane < 4; lane += 1) sums[at + lane] = (sums[at + lane] ?? 0) + (lanes[lane] ?? 0);
  }

  hex(slot: number): string {
    return hexOf(this.#lanes.subarray(slot * 4, slot * 4 + 4));
  }
}

export function hexOf(lanes: Uint32Array): string {
  let text = "";
  for (const lane of lanes) text += lane.toString(16).padStart(8, "0");
  return text;
}
