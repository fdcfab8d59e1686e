// What a GRAPH.EFFECT says about the schema of its graph. Its payload is a row of changes in which labels, relationship
// types and property keys stand as bare numbers, and the names that are new. Version 1 of the format, which FalkorDB
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
// A payload may be as large as a graph, so it is read in the pieces in which it comes, and values are stepped over.

export type NameKind = "labels" | "types" | "propertyKeys";

export interface EffectObserver {
  /** The largest numbers that stood in it so far, -1 for none. Told before each new name and at the end. */
  uses(labels: number, types: number, propertyKeys: number): void;
  adds(kind: NameKind, name: string): void;
}

const version = 1;
/** In an update it stands for all keys. */
const allKeys = 0xff_fe;
const nameBytesMax = 1 << 20;
const depthMax = 1000;
const kinds = {
  updateNode: 1,
  updateEdge: 2,
  createNode: 3,
  createEdge: 4,
  deleteNode: 5,
  deleteEdge: 6,
  setLabels: 7,
  removeLabels: 8,
  newName: 9,
  newKey: 10,
} as const;
const values = {
  array: 1 << 3,
  datetime: 1 << 5,
  date: 1 << 7,
  time: 1 << 8,
  duration: 1 << 10,
  string: 1 << 11,
  bool: 1 << 12,
  int: 1 << 13,
  double: 1 << 14,
  null: 1 << 15,
  point: 1 << 17,
  vector: 1 << 18,
  internedString: (1 << 19) | (1 << 11),
} as const;

class NoEffectError extends Error {}

export class EffectReader {
  readonly #observer: EffectObserver;
  /** Of the payload, after #bytes. */
  #toCome: number;
  #bytes: Buffer = Buffer.alloc(0);
  #view: DataView = new DataView(new ArrayBuffer(0));
  #at = 0;
  #isBegun = false;
  /** What is left of the current change: bytes to step over, values of nested arrays, properties. */
  #skip = 0;
  readonly #elements: number[] = [];
  #properties = 0;
  #label = -1;
  #type = -1;
  #key = -1;
  #end: "open" | "another version" | "not an effect" = "open";

  /** `bytes` is the size of the whole payload. */
  constructor(bytes: number, observer: EffectObserver) {
    this.#toCome = bytes;
    this.#observer = observer;
  }

  push(piece: Buffer): void {
    this.#toCome -= piece.length;
    if (this.#end !== "open") return;
    const rest = this.#bytes.length - this.#at;
    this.#bytes = rest === 0 ? piece : Buffer.concat([this.#bytes.subarray(this.#at), piece]);
    this.#view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.length);
    this.#at = 0;
    try {
      while (this.#at < this.#bytes.length && this.#end === "open") this.#step();
    } catch (error) {
      if (error instanceof NoEffectError) this.#end = "not an effect";
      // Read beyond the piece: nothing of this step counts, and it is made again with the next one.
      else if (!(error instanceof RangeError)) throw error;
    }
    // A piece is read into one buffer again and again, so what is left of it must be a copy.
    this.#bytes = this.#at < this.#bytes.length ? Buffer.from(this.#bytes.subarray(this.#at)) : Buffer.alloc(0);
    this.#at = 0;
  }

  /** To be called when all of it was pushed. */
  finish(): "read" | "another version" | "not an effect" {
    if (this.#end !== "open") return this.#end;
    const isInside = this.#bytes.length > 0 || this.#skip > 0 || this.#elements.length > 0 || this.#properties > 0;
    if (isInside || !this.#isBegun || this.#toCome !== 0) return "not an effect";
    this.#tellUses();
    return "read";
  }

  /** All that it reads it reads before it changes anything. */
  #step(): void {
    if (this.#skip > 0) this.#stepOver();
    else if (this.#elements.length > 0) this.#element();
    else if (this.#properties > 0) this.#property();
    else if (this.#isBegun) this.#change();
    else this.#begin();
  }

  #begin(): void {
    if (this.#view.getUint8(this.#at) !== version) {
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
    const view = this.#view;
    switch (view.getUint32(at, true)) {
      case kinds.updateNode: {
        this.#useKey(view.getUint16(at + 12, true), true);
        this.#elements.push(1);
        this.#at = at + 14;
        return;
      }
      case kinds.updateEdge: {
        const key = view.getUint16(at + 32, true);
        this.#useType(view.getInt32(at + 12, true));
        this.#useKey(key, true);
        this.#elements.push(1);
        this.#at = at + 34;
        return;
      }
      case kinds.createNode: {
        const end = at + 6 + 4 * view.getUint16(at + 4, true);
        const properties = view.getUint16(end, true);
        this.#useLabels(at + 6, end);
        this.#properties = properties;
        this.#at = end + 2;
        return;
      }
      case kinds.createEdge: {
        const properties = view.getUint16(at + 26, true);
        if (view.getUint16(at + 4, true) !== 1) throw new NoEffectError();
        this.#useType(view.getInt32(at + 6, true));
        this.#properties = properties;
        this.#at = at + 28;
        return;
      }
      case kinds.deleteNode:
        this.#skip = 12;
        return;
      case kinds.deleteEdge:
        this.#useType(view.getInt32(at + 12, true));
        this.#skip = 32;
        return;
      case kinds.setLabels:
      case kinds.removeLabels: {
        const end = at + 13 + 4 * view.getUint8(at + 12);
        this.#useLabels(at + 13, end);
        this.#at = end;
        return;
      }
      case kinds.newName: {
        const kind = view.getUint32(at + 4, true);
        if (kind > 1) throw new NoEffectError();
        this.#add(kind === 0 ? "labels" : "types", at + 8);
        return;
      }
      case kinds.newKey:
        this.#add("propertyKeys", at + 4);
        return;
      default:
        throw new NoEffectError();
    }
  }

  #property(): void {
    const key = this.#view.getUint16(this.#at, true);
    this.#value(this.#at + 2);
    this.#useKey(key, false);
    this.#properties -= 1;
  }

  #element(): void {
    const last = this.#elements.length - 1;
    const left = this.#elements[last] ?? 0;
    // Before the value, which may be an array itself.
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
    const view = this.#view;
    switch (view.getUint32(at, true)) {
      case values.string:
      case values.internedString:
        this.#skip = this.#length(at + 4);
        this.#at = at + 12;
        return;
      case values.int:
      case values.double:
      case values.datetime:
      case values.date:
      case values.time:
      case values.duration:
      case values.point:
        this.#skip = 8;
        this.#at = at + 4;
        return;
      case values.bool:
        this.#skip = 1;
        this.#at = at + 4;
        return;
      case values.null:
        this.#at = at + 4;
        return;
      case values.vector:
        this.#skip = 4 * view.getUint32(at + 4, true);
        this.#at = at + 8;
        return;
      case values.array: {
        const length = view.getUint32(at + 4, true);
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
    if (this.#view.getUint8(end - 1) !== 0) throw new NoEffectError();
    this.#tellUses();
    this.#observer.adds(kind, this.#bytes.toString("utf8", at + 8, end - 1));
    this.#at = end;
  }

  /** Of a text; more than what is left of the payload is none. */
  #length(at: number): number {
    const length = this.#view.getUint32(at, true);
    if (this.#view.getUint32(at + 4, true) !== 0) throw new NoEffectError();
    if (length > this.#bytes.length - at - 8 + this.#toCome) throw new NoEffectError();
    return length;
  }

  #useLabels(from: number, end: number): void {
    let largest = this.#label;
    for (let at = from; at < end; at += 4) {
      const label = this.#view.getInt32(at, true);
      if (label < 0) throw new NoEffectError();
      if (label > largest) largest = label;
    }
    this.#label = largest;
  }

  #useType(type: number): void {
    if (type < 0) throw new NoEffectError();
    if (type > this.#type) this.#type = type;
  }

  #useKey(key: number, mayBeAll: boolean): void {
    if (key >= allKeys && !(mayBeAll && key === allKeys)) throw new NoEffectError();
    if (key !== allKeys && key > this.#key) this.#key = key;
  }

  #tellUses(): void {
    this.#observer.uses(this.#label, this.#type, this.#key);
  }
}
