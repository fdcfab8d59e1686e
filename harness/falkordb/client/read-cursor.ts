// A cursor over the bytes of a RESP reply that is still arriving. Values are returned as positions in the buffer, not
// as objects: this is why a million nodes can be read back in about a second.

/** Thrown when the bytes end inside a value; the row's reader goes back to the row's start and waits for more. */
export const incomplete: Error = new Error("the reply goes on in the next packet");

const [colon, dollar, star, minus, carriageReturn] = [58, 36, 42, 45, 13];

export class ReplyCursor {
  bytes: Buffer = Buffer.alloc(0);
  view: DataView = new DataView(new ArrayBuffer(0));
  length = 0;
  at = 0;
  /** Position of the text or number last read. */
  start = 0;
  end = 0;

  /** Starts at the beginning of `bytes`, of which `length` are filled. */
  use(bytes: Buffer, length: number): void {
    if (bytes !== this.bytes) {
      this.bytes = bytes;
      this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    }
    this.length = length;
    this.at = 0;
  }

  /** The text of an error reply, if one comes next. */
  error(): string | undefined {
    if (this.at >= this.length) throw incomplete;
    if (this.bytes[this.at] !== minus) return undefined;
    const end = this.bytes.indexOf("\r\n", this.at);
    if (end < 0 || end + 2 > this.length) throw incomplete;
    const text = this.bytes.toString("utf8", this.at + 1, end);
    this.at = end + 2;
    return text;
  }

  /** The length of the array that begins here; -1 is a null. */
  array(): number {
    return this.#line(star);
  }

  integer(): number {
    return this.#line(colon);
  }

  /** A text: its bytes are from `start` to `end`. False is a null. */
  text(): boolean {
    const length = this.#line(dollar);
    if (length < 0) return false;
    this.start = this.at;
    this.end = this.at + length;
    if (this.end + 2 > this.length) throw incomplete;
    this.at = this.end + 2;
    return true;
  }

  string(): string {
    return this.text() ? this.bytes.toString("utf8", this.start, this.end) : "";
  }

  /** Skips the next value of any type. Not by recursion: a reply may be nested deeper than the stack. */
  skip(): void {
    for (let left = 1; left > 0; left -= 1) {
      if (this.at >= this.length) throw incomplete;
      const kind = this.bytes[this.at];
      if (kind === star) left += Math.max(0, this.array());
      else if (kind === dollar) this.text();
      else if (kind === colon) this.integer();
      else throw new Error(`unexpected byte ${kind ?? 0} in a reply`);
    }
  }

  #line(kind: number): number {
    const { bytes, length } = this;
    let at = this.at;
    if (at >= length) throw incomplete;
    if (bytes[at] !== kind) throw this.#unexpected(kind);
    at += 1;
    this.start = at;
    let value = 0;
    let negative = false;
    for (; ; at += 1) {
      if (at >= length) throw incomplete;
      const byte = bytes[at] ?? 0;
      if (byte === carriageReturn) break;
      if (byte === minus) negative = true;
      else value = value * 10 + byte - 48;
    }
    if (at + 2 > length) throw incomplete;
    this.end = at;
    this.at = at + 2;
    return negative ? -value : value;
  }

  #unexpected(kind: number): Error {
    const near = this.bytes.toString("latin1", this.at, this.at + 60);
    return new Error(`expected "${String.fromCharCode(kind)}" in a reply, received ${JSON.stringify(near)}`);
  }
}
