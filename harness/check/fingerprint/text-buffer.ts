// A growing buffer for the texts of a record.

export class TextBuffer {
  #bytes: Buffer = Buffer.allocUnsafe(16_384);
  view: DataView = viewOf(this.#bytes);
  end = 0;

  append(text: string): void {
    const { length } = text;
    this.reserve(length * 3);
    const start = this.end;
    // For a short text, a call into the runtime costs more than a loop.
    if (length <= 48) {
      let at = 0;
      for (; at < length; at += 1) {
        const code = text.charCodeAt(at);
        if (code > 127) break;
        this.#bytes[start + at] = code;
      }
      if (at === length) {
        this.end = start + length;
        return;
      }
    }
    this.end = start + this.#bytes.write(text, start, "utf8");
  }

  /** Ensures room; `view` is replaced if the buffer had to grow. */
  reserve(more: number): void {
    if (this.end + more <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafe((this.end + more) * 2);
    this.#bytes.copy(grown, 0, 0, this.end);
    this.#bytes = grown;
    this.view = viewOf(grown);
  }
}

function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
