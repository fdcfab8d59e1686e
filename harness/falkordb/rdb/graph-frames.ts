// What a key of a graph holds: frames, which are the strings of its RDB value. FalkorDB writes numbers (eight bytes) and
// blobs (a length and the bytes) into a buffer of 256,000 bytes, and each full buffer is a frame. Neither is split; a
// blob that would not fit into an empty buffer is a frame of its own, without its length.
import type { AskPump } from "./ask-pump.ts";
import { headBytes, isBorderBlob, isBorderLength } from "./border-blob.ts";
import { type Ask, lengthOf, lzfDecompressed } from "./rdb-values.ts";

/** Where the stored string of a frame is in the RDB. */
interface FramePlace {
  /** The byte before its length, from which it can be read again. */
  readonly at: number;
  readonly contentAt: number;
  readonly storedBytes: number;
  /** Length of the frame, which is `storedBytes` unless the server has compressed it. */
  readonly length: number;
  readonly isCompressed: boolean;
}

export interface Frame {
  readonly place: FramePlace;
  /** All of it, or the head of a long one; nothing of a long one that is compressed. */
  readonly bytes: Buffer;
}

/** Bytes of a graph that can be fetched later. */
export interface StoredBlob {
  readonly frame: FramePlace;
  readonly at: number;
  readonly length: number;
}

/** A reader that yields when it needs the next frame. `from` is where it begins to read. */
export type FrameReader<T> = Generator<undefined, T, Frame & { readonly from?: number }>;

const frameBytesMax = 256_000;

/**
 * Reads a frame whose opcode was read last. Its bytes are those of the stream, and valid until the next step. Of a frame
 * that is longer than `bytesMax` only the head is kept.
 */
export function* frame(pump: Pick<AskPump, "position">, bytesMax: number = frameBytesMax): Ask<Frame> {
  const at = pump.position - 1;
  const length = Number(yield* lengthOf());
  if (length >= 0) {
    const place = { at, contentAt: pump.position, storedBytes: length, length, isCompressed: false };
    if (length <= bytesMax) return { place, bytes: yield length };
    // A copy, as the stream goes on before it is used.
    const bytes = Buffer.from(yield bytesMax);
    yield bytesMax - length;
    return { place, bytes };
  }
  const isLzf = length === -4;
  if (!isLzf) throw new RangeError("a string of a graph is encoded as a number");
  const storedBytes = Number(yield* lengthOf());
  const fullLength = Number(yield* lengthOf());
  const place = { at, contentAt: pump.position, storedBytes, length: fullLength, isCompressed: true };
  if (fullLength <= bytesMax) return { place, bytes: lzfDecompressed(yield storedBytes, fullLength) };
  yield -storedBytes;
  return { place, bytes: Buffer.alloc(0) };
}

/** Whether what is at this place can come after a blob. */
type Follows = (bytes: Buffer, at: number) => boolean;

/** Whether a frame is one blob, without a length before it. At the border of sizes, what follows a blob tells, or its head. */
export function isAlone({ place, bytes }: Frame, follows?: Follows): boolean {
  if (place.length > frameBytesMax) return true;
  if (!isBorderLength(place.length)) return false;
  if (follows === undefined) return isBorderBlob(bytes.subarray(0, headBytes));
  const end = 8 + Number(bytes.readBigUInt64LE());
  return end > place.length || (end < place.length && !follows(bytes, end));
}

/** Reads numbers and blobs one after the other, from one frame to the next. */
export class FrameCursor {
  #frame: Frame | undefined;
  #view: DataView = new DataView(new ArrayBuffer(0));
  #at = 0;

  /** Where the next number or blob is, once it was asked for. */
  get frame(): Frame {
    if (this.#frame === undefined) throw new RangeError("nothing was read yet");
    return this.#frame;
  }

  get at(): number {
    return this.#at;
  }

  get view(): DataView {
    return this.#view;
  }

  /** Goes on at this place of the current frame. */
  moveTo(at: number): void {
    this.#at = at;
  }

  /** Gets the next frame if the current one is used up. */
  *more(): FrameReader<void> {
    while (this.#frame === undefined || this.#at >= this.#frame.place.length) {
      const next = yield;
      const { bytes } = next;
      this.#frame = next;
      this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
      this.#at = next.from ?? 0;
    }
  }

  *number(): FrameReader<number> {
    return Number(yield* this.integer());
  }

  /** All 64 bits, signed. */
  *integer(): FrameReader<bigint> {
    yield* this.more();
    const value = this.#view.getBigInt64(this.#at, true);
    this.#at += 8;
    return value;
  }

  *double(): FrameReader<number> {
    yield* this.more();
    const value = this.#view.getFloat64(this.#at, true);
    this.#at += 8;
    return value;
  }

  *blob(follows?: Follows): FrameReader<StoredBlob> {
    yield* this.more();
    const { place } = this.frame;
    if (this.#at === 0 && isAlone(this.frame, follows)) {
      this.#at = place.length;
      return { frame: place, at: 0, length: place.length };
    }
    const length = Number(this.#view.getBigUint64(this.#at, true));
    const at = this.#at + 8;
    if (at + length > place.length) throw new RangeError("a blob ends outside of its frame");
    this.#at = at + length;
    return { frame: place, at, length };
  }

  /** Those of the bytes of a blob that are at hand, which was read last. */
  bytesOf({ at, length }: StoredBlob): Buffer {
    return this.frame.bytes.subarray(at, at + length);
  }
}
