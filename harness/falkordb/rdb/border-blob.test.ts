import { describe, expect, it } from "vitest";
import { headBytes, isArrayAlone, isArrayName, isBorderBlob, isBorderLength } from "./border-blob.ts";

const bytesOf = (numbers: BigUint64Array | Uint32Array): Buffer => Buffer.from(numbers.buffer).subarray(0, headBytes);
const numbers64 = (...numbers: number[]): Buffer => bytesOf(BigUint64Array.from(numbers.map(BigInt)));

/** In a buffer a text stands behind the number of its bytes, with a zero at its end. */
function textInBuffer(text: string): Buffer {
  const bytes = Buffer.from(`${text}\0`);
  return Buffer.concat([bytesOf(BigUint64Array.of(BigInt(bytes.length))), bytes]).subarray(0, headBytes);
}

it("the lengths that the reader takes for a buffer are those of 255,993 to 256,000 bytes", () => {
  expect([255_992, 255_993, 256_000, 256_001].map(isBorderLength)).toEqual([false, true, true, false]);
});

// Each as a FalkorDB 4.16.3 writes it.
describe("at the border", () => {
  it.each<[string, Buffer, boolean]>([
    ["the nodes of a label, alone", bytesOf(Uint32Array.from({ length: 16 }, (_, index) => index)), true],
    ["the edges of a type, alone", numbers64(0, 1, 2, 3, 4, 5, 6, 7), true],
    ["a text, alone", Buffer.from("a text that is very long ".repeat(3)).subarray(0, headBytes), true],
    ["a buffer of nodes", numbers64(1, 0, 8192, 6395, 6395, 1, 0, 8192), false],
    ["a buffer of nodes without properties", numbers64(0, 15_981, 0, 15_982, 0, 15_983, 0, 15_984), false],
    [
      "a buffer with the largest blob that it takes",
      numbers64(255_992, 4_294_967_296, 12_884_901_890, 2e10, 3e10, 4e10, 5e10, 6e10),
      false,
    ],
    // Of "edge-values" with seed 20008: eight bytes each of a text of rising characters happen to rise as numbers, too.
    [
      "a buffer that begins with a text of U+007F, U+0080, U+0081 and so on",
      textInBuffer(String.fromCodePoint(...Array.from({ length: 40 }, (_, index) => 0x7f + index))),
      false,
    ],
    ["a buffer with such a blob of zeros", numbers64(255_992, 0, 0, 0, 0, 0, 0, 0), false],
  ])("distinguishes %s", (_, head, isAlone) => {
    expect(isBorderBlob(head)).toBe(isAlone);
  });
});

describe("bytes that the name of a type follows", () => {
  const full = 256_000;
  const inTurns = Buffer.from(Uint32Array.from({ length: full / 4 }, (_, index) => index % 2).buffer);

  /** A full buffer whose last blob is an array. */
  function bufferWith(before: Buffer): Buffer {
    const left = full - before.length - 8;
    return Buffer.concat([before, bytesOf(BigUint64Array.of(BigInt(left))), inTurns.subarray(0, left)]);
  }

  it.each<[string, Buffer, boolean]>([
    ["numbers in no order", inTurns, true],
    ["truth values", Buffer.alloc(255_993, 1), true],
    ["a buffer that begins with its array", bufferWith(Buffer.alloc(0)), false],
    ["a buffer with numbers before its array", bufferWith(Buffer.alloc(72)), false],
    ["a buffer with a text before its array", bufferWith(Buffer.from("a text of some bytes")), false],
  ])("are an array alone: %s", (_, bytes, isAlone) => {
    expect(isArrayAlone(bytes)).toBe(isAlone);
  });

  it("is told from other blobs", () => {
    expect(isArrayName(textInBuffer("GrB_UINT64"))).toBe(true);
    expect(isArrayName(textInBuffer("Entity"))).toBe(false);
    expect(isArrayName(Buffer.alloc(3))).toBe(false);
  });
});
