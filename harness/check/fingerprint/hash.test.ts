import { expect, test } from "vitest";
import { hashBytes, hexOf, Sums } from "./hash.ts";

function hash(bytes: Uint8Array, seed: number): string {
  const lanes = new Uint32Array(4);
  hashBytes(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), 0, bytes.length, seed, lanes);
  return hexOf(lanes);
}

test("gives the verification value that SMHasher publishes for MurmurHash3_x86_128", () => {
  const key = new Uint8Array(256);
  const hashes = new Uint8Array(256 * 16);
  for (let length = 0; length < 256; length += 1) {
    key[length] = length;
    const digest = Buffer.from(hash(key.subarray(0, length), 256 - length), "hex").swap32();
    hashes.set(digest, length * 16);
  }
  expect(hash(hashes, 0).slice(0, 8)).toBe("b3ece62a");
});

test("depends on every byte and on the length", () => {
  const base = new Uint8Array(77).map((_, index) => index);
  const seen = new Set([hash(base, 1), hash(base.subarray(0, 76), 1), hash(base, 2)]);
  for (let at = 0; at < base.length; at += 1) seen.add(hash(base.with(at, 255), 1));
  expect(seen.size).toBe(80);
});

test("sums do not depend on order, and keep slots apart", () => {
  const first = Uint32Array.of(1, 2, 3, 0xffffffff);
  const second = Uint32Array.of(5, 6, 7, 1);
  const [one, other] = [new Sums(2), new Sums(2)];
  one.add(1, first);
  one.add(1, second);
  other.add(1, second);
  other.add(1, first);
  expect(one.hex(1)).toBe("00000006000000080000000a00000000");
  expect(other.hex(1)).toBe(one.hex(1));
  expect(one.hex(0)).toBe("0".repeat(32));
});
