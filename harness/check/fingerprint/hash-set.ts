// Sets of hashes in typed arrays: a million entries in a few megabytes, where a Set of strings takes a hundred.
import { finalMix } from "./hash.ts";

/** Mixes two hash words into one word, never 0. */
export function pairWord(first: number, second: number): number {
  return finalMix(finalMix(first) ^ Math.imul(second, 0x9e3779b1)) || 1;
}

/** A set of 32-bit words. With a million entries, one in 4,000 lookups of an absent word gives a false positive. */
export class WordSet {
  #slots: Uint32Array = new Uint32Array(1024);
  #size = 0;

  add(word: number): void {
    if (this.#size * 4 >= this.#slots.length * 3) this.#grow();
    if (insert(this.#slots, word)) this.#size += 1;
  }

  has(word: number): boolean {
    return this.#slots[find(this.#slots, word)] === word;
  }

  #grow(): void {
    const slots = new Uint32Array(this.#slots.length * 2);
    for (const word of this.#slots) if (word !== 0) insert(slots, word);
    this.#slots = slots;
  }
}

function find(slots: Uint32Array, word: number): number {
  const mask = slots.length - 1;
  let at = word & mask;
  while (slots[at] !== 0 && slots[at] !== word) at = (at + 1) & mask;
  return at;
}

function insert(slots: Uint32Array, word: number): boolean {
  const at = find(slots, word);
  if (slots[at] === word) return false;
  slots[at] = word;
  return true;
}

/** Collects 64-bit keys, of which the repeated ones are counted once at the end. */
export class KeyList {
  #words: Uint32Array = new Uint32Array(1024);
  #length = 0;

  push(high: number, low: number): void {
    if (this.#length === this.#words.length) {
      const grown = new Uint32Array(this.#words.length * 2);
      grown.set(this.#words);
      this.#words = grown;
    }
    this.#words[this.#length] = high;
    this.#words[this.#length + 1] = low;
    this.#length += 2;
  }

  get size(): number {
    return this.#length / 2;
  }

  /** Number of repeated keys; sorts in place. */
  repeated(): number {
    const words = this.#words.subarray(0, this.#length);
    new BigUint64Array(words.buffer, 0, this.#length / 2).sort();
    let repeated = 0;
    for (let at = 2; at < words.length; at += 2)
      if (words[at] === words[at - 2] && words[at + 1] === words[at - 1]) repeated += 1;
    return repeated;
  }
}

/** Finds the id of a node by its key; the keys themselves stay where they are. */
export class KeyIndex {
  #slots: Int32Array = new Int32Array(16).fill(-1);
  readonly #word: (id: number, half: 0 | 1) => number;

  constructor(word: (id: number, half: 0 | 1) => number) {
    this.#word = word;
  }

  build(ids: readonly number[] | Int32Array): void {
    let size = 16;
    while (size < ids.length * 2) size *= 2;
    this.#slots = new Int32Array(size).fill(-1);
    for (const id of ids) this.#slots[this.#slot(this.#word(id, 0), this.#word(id, 1))] = id;
  }

  /** The node id of a key; -1 where there is none. */
  find(high: number, low: number): number {
    return this.#slots[this.#slot(high, low)] ?? -1;
  }

  #slot(high: number, low: number): number {
    const mask = this.#slots.length - 1;
    let at = high & mask;
    for (;;) {
      const id = this.#slots[at] ?? -1;
      if (id < 0 || (this.#word(id, 0) === high && this.#word(id, 1) === low)) return at;
      at = (at + 1) & mask;
    }
  }
}
