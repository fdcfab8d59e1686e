// Reads what a GRAPH.EFFECT says about the schema of its graph. Its payload is a sequence of changes in which labels,
// relationship types and property keys are bare numbers, and of new names. Version 1 of the format, which FalkorDB
// writes up to 4.16; all numbers are little-endian:
//
//   version u8, then changes: kind u32 and
//     1 update node   id u64, key u16, value         5 delete node  id u64
//     2 update edge   id u64, type i32, ends 2 u64,  6 delete edge  id u64, type i32, ends 2 u64
//                     key u16, value                 7 set labels, 8 remove labels  id u64, count u8, labels i32
//     3 create node   count u16, labels i32,         9 new name     0 label or 1 type u32, text
//                     properties                    10 new key      text
//     4 create edge   1 u16, type i32, ends 2 u64, properties
//   properties: count u16, then key u16 and value each; value: type u32 and what belongs to it; text: length u64, bytes, NUL
//
// A payload may be as large as a graph, so it is read in chunks as it arrives, and values are skipped.

import { effectKinds, valueKinds } from "./effect-kinds.ts";

export type NameKind = "labels" | "types" | "propertyKeys";

interface EffectObserver {
  /** Called with the largest numbers used so far, -1 for none: before each new name and at the end. */
  uses(labels: number, types: number, propertyKeys: number): void;
  adds(kind: NameKind, name: string): void;
}

const version = 1;
const allKeys = 0xff_fe;
const nameBytesMax = 1 << 20;
const depthMax = 1000;
class NoEffectError extends Error {}
/** Thrown where a chunk ends, which is normal and frequent: a single instance, because a stack trace costs time. */
const beyondPiece = new Error("beyond the piece");

const nothing = Buffer.alloc(0);

/** Reads one payload after the other: a stream holds thousands per second. */
export class EffectReader {
  readonly #observer: EffectObserver;
  /** Bytes of the payload that come after `#bytes`. */
  #toCome = 0;
  #bytes: Buffer = nothing;
  #at = 0;
  #isBegun = false;
  /** What remains of the current change: bytes to skip, values of nested arrays, properties. */
  #skip = 0;
  readonly #elements: number[] = [];
  #properties = 0;
  #label = -1;
  #type = -1;
  #key = -1;
  #end: "open" | "another version" | "not an effect" = "open";

  constructor(observer: EffectObserver) {
    this.#observer = observer;
  }

  /** Starts a payload of this size. */
  begin(bytes: number): void {
    this.#toCome = bytes;
    this.#bytes = nothing;
    this.#isBegun = false;
    this.#elements.length = 0;
    [this.#skip, this.#properties] = [0, 0];
    [this.#label, this.#type, this.#key] = [-1, -1, -1];
    this.#end = "open";
  }

  push(piece: Buffer): void {
    this.#toCome -= piece.length;
    if (this.#end !== "open") return;
    this.#bytes = this.#bytes.length === 0 ? piece : Buffer.concat([this.#bytes, piece]);
    this.#at = 0;
    try {
      while (this.#at < this.#bytes.length && this.#end === "open") this.#step();
    } catch (error) {
      if (error instanceof NoEffectError) this.#end = "not an effect";
      // This step is discarded and repeated with the next chunk.
      else if (error !== beyondPiece) throw error;
    }
    // The buffer is reused for every chunk, so the rest must be a copy.
    this.#bytes = this.#at < this.#bytes.length ? Buffer.from(this.#bytes.subarray(this.#at)) : nothing;
  }

  /** Must be called after the whole payload was pushed. */
  finish(): "read" | "another version" | "not an effect" {
    if (this.#end !== "open") return this.#end;
    const isInside = this.#bytes.length > 0 || this.#skip > 0 || this.#elements.length > 0 || this.#properties > 0;
    if (isInside || !this.#isBegun || this.#toCome !== 0) return "not an effect";
    this.#tellUses();
    return "read";
  }

  /** Reads everything it needs before it changes any state, so that it can be repeated. */
  #step(): void {
    if (this.#skip > 0) this.#stepOver();
    else if (this.#elements.length > 0) this.#element();
    else if (this.#properties > 0) this.#property();
    else if (this.#isBegun) this.#change();
    else this.#begin();
  }

  #begin(): void {
    if (this.#u8(this.#at) !== version) {
      this.#end = "another version";
      return;
    }
    this.#isBegun = true;
    this.#at += 1;
  }

  #stepOver(): void {
    const bytes = Math.min(this.#skip, this.#bytes.length - this.#at);
    this.#skip -= bytes;
    this.#at += bytes;
  }

  #change(): void {
    const at = this.#at;
    switch (this.#u32(at)) {
      case effectKinds.updateNode: {
        this.#useKey(this.#u16(at + 12), true);
        this.#elements.push(1);
        this.#at = at + 14;
        return;
      }
      case effectKinds.updateEdge: {
        const key = this.#u16(at + 32);
        this.#useType(this.#i32(at + 12));
        this.#useKey(key, true);
        this.#elements.push(1);
        this.#at = at + 34;
        return;
      }
      case effectKinds.createNode: {
        const end = at + 6 + 4 * this.#u16(at + 4);
        const properties = this.#u16(end);
        this.#useLabels(at + 6, end);
        this.#properties = properties;
        this.#at = end + 2;
        return;
      }
      case effectKinds.createEdge: {
        const properties = this.#u16(at + 26);
        if (this.#u16(at + 4) !== 1) throw new NoEffectError();
        this.#useType(this.#i32(at + 6));
        this.#properties = properties;
        this.#at = at + 28;
        return;
      }
      case effectKinds.deleteNode:
        this.#skip = 12;
        return;
      case effectKinds.deleteEdge:
        this.#useType(this.#i32(at + 12));
        this.#skip = 32;
        return;
      case effectKinds.setLabels:
      case effectKinds.removeLabels: {
        const end = at + 13 + 4 * this.#u8(at + 12);
        this.#useLabels(at + 13, end);
        this.#at = end;
        return;
      }
      case effectKinds.newName: {
        const kind = this.#u32(at + 4);
        if (kind > 1) throw new NoEffectError();
        this.#add(kind === 0 ? "labels" : "types", at + 8);
        return;
      }
      case effectKinds.newKey:
        this.#add("propertyKeys", at + 4);
        return;
      default:
        throw new NoEffectError();
    }
  }

  #property(): void {
    const key = this.#u16(this.#at);
    this.#value(this.#at + 2);
    this.#useKey(key, false);
    this.#properties -= 1;
  }

  #element(): void {
    const last = this.#elements.length - 1;
    const left = this.#elements[last] ?? 0;
    // Counted before the value, which may itself be an array.
    if (left === 1) this.#elements.pop();
    else this.#elements[last] = left - 1;
    try {
      this.#value(this.#at);
    } catch (error) {
      this.#elements[last] = left;
      throw error;
    }
  }

  #value(at: number): void {
    switch (this.#u32(at)) {
      case valueKinds.string:
      case valueKinds.internedString:
        this.#skip = this.#length(at + 4);
        this.#at = at + 12;
        return;
      case valueKinds.int:
      case valueKinds.double:
      case valueKinds.datetime:
      case valueKinds.date:
      case valueKinds.time:
      case valueKinds.duration:
      case valueKinds.point:
        this.#skip = 8;
        this.#at = at + 4;
        return;
      case valueKinds.bool:
        this.#skip = 1;
        this.#at = at + 4;
        return;
      case valueKinds.null:
        this.#at = at + 4;
        return;
      case valueKinds.vector:
        this.#skip = 4 * this.#u32(at + 4);
        this.#at = at + 8;
        return;
      case valueKinds.array: {
        const length = this.#u32(at + 4);
        if (this.#elements.length === depthMax) throw new NoEffectError();
        if (length > 0) this.#elements.push(length);
        this.#at = at + 8;
        return;
      }
      default:
        throw new NoEffectError();
    }
  }

  #add(kind: NameKind, at: number): void {
    const length = this.#length(at);
    if (length === 0 || length > nameBytesMax) throw new NoEffectError();
    const end = at + 8 + length;
    if (this.#u8(end - 1) !== 0) throw new NoEffectError();
    this.#tellUses();
    this.#observer.adds(kind, this.#bytes.toString("utf8", at + 8, end - 1));
    this.#at = end;
  }

  /** Reads the length of a text; a length beyond the end of the payload is invalid. */
  #length(at: number): number {
    const length = this.#u32(at);
    if (this.#u32(at + 4) !== 0) throw new NoEffectError();
    if (length > this.#bytes.length - at - 8 + this.#toCome) throw new NoEffectError();
    return length;
  }

  #useLabels(from: number, end: number): void {
    let largest = this.#label;
    for (let at = from; at < end; at += 4) {
      const label = this.#i32(at);
      if (label < 0) throw new NoEffectError();
      if (label > largest) largest = label;
    }
    this.#label = largest;
  }

  #useType(type: number): void {
    if (type < 0) throw new NoEffectError();
    if (type > this.#type) this.#type = type;
  }

  /** In an update, one reserved number means all keys. */
  #useKey(key: number, mayBeAll: boolean): void {
    if (key >= allKeys && !(mayBeAll && key === allKeys)) throw new NoEffectError();
    if (key !== allKeys && key > this.#key) this.#key = key;
  }

  #u8(at: number): number {
    const value = this.#bytes[at];
    if (value === undefined) throw beyondPiece;
    return value;
  }

  // Written by hand: these are most of the work, and the methods of Buffer check more than is needed.
  #u16(at: number): number {
    return (this.#u8(at + 1) << 8) | (this.#bytes[at] ?? 0);
  }

  #i32(at: number): number {
    return (this.#u16(at + 2) << 16) | this.#u16(at);
  }

  #u32(at: number): number {
    return this.#i32(at) >>> 0;
  }

  #tellUses(): void {
    this.#observer.uses(this.#label, this.#type, this.#key);
  }
}
