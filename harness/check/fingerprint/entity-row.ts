// One entity, in the form that both sides of a comparison use: its properties as name, tag, position of the bytes, and
// hash of the value. Reused for every entity, so that reading millions allocates nothing.
import { hashBytes } from "./hash.ts";
import { tags } from "./canonical.ts";

/** Bytes of a list item: its tag and the hash of its value. */
export const itemBytes = 17;

export class EntityRow {
  count = 0;
  names: Int32Array = new Int32Array(32);
  tags: Uint8Array = new Uint8Array(32);
  /** Positions of the values' bytes in `view`; only meaningful for scalars. */
  starts: Int32Array = new Int32Array(32);
  ends: Int32Array = new Int32Array(32);
  /** Hashes of the values, four words per property. */
  lanes: Uint32Array = new Uint32Array(128);
  view: DataView = new DataView(new ArrayBuffer(0));
  /** Items of the lists, `itemBytes` each; a list's position is in `starts` and `ends`. */
  items: DataView = new DataView(new ArrayBuffer(itemBytes * 64));
  /** Hash of the last value. */
  readonly value: Uint32Array = new Uint32Array(4);
  #itemsEnd = 0;

  begin(view: DataView): void {
    this.view = view;
    this.count = 0;
    this.#itemsEnd = 0;
  }

  scalar(name: number, tag: number, start: number, end: number): void {
    this.hash(tag, start, end);
    this.#property(name, tag, start, end);
  }

  /** Stores the hash of bytes in `view` in `value`, as a list needs it for its items. */
  hash(tag: number, start: number, end: number): void {
    hashBytes(this.view, start, end, tag, this.value);
  }

  /** Opens a list; then follow the hash (or a closed inner list) and `item` for each item, then a close. */
  openList(): number {
    return this.#itemsEnd;
  }

  item(tag: number): void {
    const at = this.#itemsEnd;
    if (at + itemBytes > this.items.byteLength) this.#growItems();
    this.items.setUint8(at, tag);
    for (let lane = 0; lane < 4; lane += 1) this.items.setUint32(at + 1 + lane * 4, this.value[lane] ?? 0, true);
    this.#itemsEnd = at + itemBytes;
  }

  /** Closes an inner list, which is one item of the outer one. */
  closeInner(mark: number, tag: number = tags.List): void {
    hashBytes(this.items, mark, this.#itemsEnd, tag, this.value);
    this.#itemsEnd = mark;
  }

  closeList(name: number, mark: number, tag: number = tags.List): void {
    hashBytes(this.items, mark, this.#itemsEnd, tag, this.value);
    this.#property(name, tag, mark, this.#itemsEnd);
  }

  /** Position of a property, or -1. */
  find(name: number): number {
    for (let at = 0; at < this.count; at += 1) if (this.names[at] === name) return at;
    return -1;
  }

  /** A scalar's bytes as text. */
  text(at: number): string {
    const { view, starts, ends } = this;
    const start = starts[at] ?? 0;
    return Buffer.from(view.buffer, view.byteOffset + start, (ends[at] ?? 0) - start).toString("utf8");
  }

  #property(name: number, tag: number, start: number, end: number): void {
    const at = this.count;
    if (at === this.names.length) this.#grow();
    this.names[at] = name;
    this.tags[at] = tag;
    this.starts[at] = start;
    this.ends[at] = end;
    for (let lane = 0; lane < 4; lane += 1) this.lanes[at * 4 + lane] = this.value[lane] ?? 0;
    this.count = at + 1;
  }

  #grow(): void {
    const size = this.names.length * 2;
    const copy = <T extends Int32Array | Uint32Array | Uint8Array>(from: T, to: T): T => {
      to.set(from);
      return to;
    };
    this.names = copy(this.names, new Int32Array(size));
    this.tags = copy(this.tags, new Uint8Array(size));
    this.starts = copy(this.starts, new Int32Array(size));
    this.ends = copy(this.ends, new Int32Array(size));
    this.lanes = copy(this.lanes, new Uint32Array(size * 4));
  }

  #growItems(): void {
    const grown = new DataView(new ArrayBuffer(this.items.byteLength * 2));
    new Uint8Array(grown.buffer).set(new Uint8Array(this.items.buffer));
    this.items = grown;
  }
}
