// Finds what only one of two sides holds, in twelve bytes for each entity: equal ones cancel out by 64 bits of their hash.
// Then the same for the keys of what is left: a key on both sides is an entity that changed.

class HashSlots {
  words: Uint32Array = new Uint32Array(2 * 1024);
  size = 0;

  /** The slot of a hash, or the free one where it belongs. */
  slot(high: number, low: number): number {
    const mask = this.words.length / 2 - 1;
    let at = (high ^ (low >>> 7)) & mask;
    for (;;) {
      const [foundHigh, foundLow] = [this.words[at * 2], this.words[at * 2 + 1]];
      if ((foundHigh === high && foundLow === low) || (foundHigh === 0 && foundLow === 0)) return at;
      at = (at + 1) & mask;
    }
  }

  isFree(slot: number): boolean {
    return this.words[slot * 2] === 0 && this.words[slot * 2 + 1] === 0;
  }

  take(slot: number, high: number, low: number): void {
    this.words[slot * 2] = high;
    this.words[slot * 2 + 1] = low;
    this.size += 1;
  }

  get isFull(): boolean {
    return this.size * 8 >= this.words.length * 3;
  }
}

/** Counts by hash, added with a sign. */
class HashCounts {
  #slots = new HashSlots();
  #counts = new Int32Array(1024);

  add(high: number, low: number, by: number): void {
    if (this.#slots.isFull) this.#grow();
    const slot = this.#slots.slot(high, low || 1);
    if (this.#slots.isFree(slot)) this.#slots.take(slot, high, low || 1);
    this.#counts[slot] = (this.#counts[slot] ?? 0) + by;
  }

  of(high: number, low: number): number {
    return this.#counts[this.#slots.slot(high, low || 1)] ?? 0;
  }

  *entries(): Generator<{ readonly high: number; readonly low: number; readonly count: number }> {
    for (const [slot, count] of this.#counts.entries()) {
      const [high = 0, low = 0] = this.#slots.words.subarray(slot * 2, slot * 2 + 2);
      if (count !== 0) yield { high, low, count };
    }
  }

  #grow(): void {
    const [slots, counts] = [this.#slots, this.#counts];
    this.#slots = new HashSlots();
    this.#slots.words = new Uint32Array(slots.words.length * 2);
    this.#counts = new Int32Array(counts.length * 2);
    for (let at = 0; at < counts.length; at += 1) {
      // What has cancelled out is dropped.
      if (counts[at] === 0) continue;
      const [high = 0, low = 0] = slots.words.subarray(at * 2, at * 2 + 2);
      const slot = this.#slots.slot(high, low);
      this.#slots.take(slot, high, low);
      this.#counts[slot] = counts[at] ?? 0;
    }
  }
}

export type DiffSide = "a" | "b";

/** Entities of two sides, each added once by the side that holds it. */
export class DifferenceTable {
  readonly #counts = new HashCounts();

  add(side: DiffSide, hash: Uint32Array): void {
    this.#counts.add(hash[1] ?? 0, hash[2] ?? 0, side === "a" ? 1 : -1);
  }

  /** Whether only this side holds the entity; true once for each time that it does. */
  take(side: DiffSide, hash: Uint32Array): boolean {
    const [high = 0, low = 0] = [hash[1], hash[2]];
    const count = this.#counts.of(high, low);
    if (side === "a" ? count <= 0 : count >= 0) return false;
    this.#counts.add(high, low, side === "a" ? -1 : 1);
    return true;
  }

  /** Number of entities that only one side holds. */
  remaining(): { readonly a: number; readonly b: number } {
    let [a, b] = [0, 0];
    for (const { count } of this.#counts.entries()) {
      if (count > 0) a += count;
      else b -= count;
    }
    return { a, b };
  }
}

/** The keys of what only one side holds. */
export class KeyTable {
  readonly #keys = { a: new HashCounts(), b: new HashCounts() };
  readonly #counts = { a: 0, b: 0 };

  add(side: DiffSide, [high = 0, low = 0]: Uint32Array): void {
    this.#keys[side].add(high, low, 1);
    this.#counts[side] += 1;
  }

  /** An entity of one key on both sides has changed. */
  result(): { readonly missing: number; readonly extra: number; readonly changed: number } {
    let changed = 0;
    for (const { high, low, count } of this.#keys.a.entries()) changed += Math.min(count, this.#keys.b.of(high, low));
    return { missing: this.#counts.a - changed, extra: this.#counts.b - changed, changed };
  }
}
