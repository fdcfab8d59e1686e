// A growing buffer with the values of GRAPH.BULK's format: a type byte, then the payload, little-endian and unaligned.
// Everything goes straight into one large buffer: at millions of records, one allocation per value would cost more than
// the engine's own work.
import { DrillError } from "../../base/errors.ts";

// There is no type for vectors, points and times: vectors are sent as arrays of doubles and converted by a query
// afterwards, the others are written by queries only.
export const bulkType = { null: 0, boolean: 1, double: 2, string: 3, integer: 4, array: 5 } as const;

/** Bytes that are always free after `reserve`, so that small values need no check of their own. */
const slack = 4096;
const shortText = 40;

export class BulkBuffer {
  bytes: Buffer;
  position = 0;
  view: DataView;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
    this.view = viewOf(bytes);
  }

  /** Starts again at the beginning of another buffer. */
  reset(bytes: Buffer): void {
    this.bytes = bytes;
    this.view = viewOf(bytes);
    this.position = 0;
  }

  /** Ensures room for this many bytes and a few small values. */
  reserve(count: number): void {
    const needed = this.position + count + slack;
    if (needed <= this.bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.bytes.length * 2));
    this.bytes.copy(larger, 0, 0, this.position);
    this.bytes = larger;
    this.view = viewOf(larger);
  }

  byte(value: number): void {
    this.bytes[this.position++] = value;
  }

  uint32(value: number): void {
    this.view.setUint32(this.position, value, true);
    this.position += 4;
  }

  uint64(value: number): void {
    this.view.setUint32(this.position, value >>> 0, true);
    this.view.setUint32(this.position + 4, Math.floor(value / 2 ** 32), true);
    this.position += 8;
  }

  integer(value: number | bigint): void {
    if (typeof value === "number" && !Number.isSafeInteger(value))
      throw new DrillError(`${value} is not a whole number that a record may hold; wrap a fraction in Double`, {
        exit: "internal",
      });
    this.byte(bulkType.integer);
    if (typeof value === "number") this.uint64(value);
    else {
      this.view.setBigInt64(this.position, value, true);
      this.position += 8;
    }
  }

  double(value: number): void {
    this.bytes[this.position] = bulkType.double;
    this.view.setFloat64(this.position + 1, value, true);
    this.position += 9;
  }

  boolean(value: boolean): void {
    this.byte(bulkType.boolean);
    this.byte(value ? 1 : 0);
  }

  array(length: number): void {
    this.byte(bulkType.array);
    this.uint64(length);
  }

  vector(vector: Float32Array): void {
    this.reserve(vector.length * 9);
    this.array(vector.length);
    for (let i = 0; i < vector.length; i++) this.double(vector[i] as number);
  }

  string(text: string): void {
    this.byte(bulkType.string);
    this.characters(text);
    this.byte(0);
  }

  /** Writes only the text, as UTF-8, without type or terminator. */
  characters(text: string): void {
    this.reserve(text.length * 3);
    if (text.length <= shortText && this.#ascii(text)) return;
    // The format ends a string at its first NUL, so one inside would shift everything that follows.
    if (text.includes("\0"))
      throw new DrillError(
        `a string with a NUL character cannot be bulk-loaded: ${JSON.stringify(text.slice(0, 40))}`,
        {
          exit: "internal",
          hint: "Graphiti strips NUL characters before it writes; generated text must not hold any.",
        },
      );
    this.position += this.bytes.write(text, this.position);
  }

  /** Short ASCII is faster by hand than by a call into the runtime; returns false if nothing was written. */
  #ascii(text: string): boolean {
    const start = this.position;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code === 0 || code > 127) return false;
      this.bytes[start + i] = code;
    }
    this.position = start + text.length;
    return true;
  }
}

function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
