import { randomBytes, randomUUID } from "node:crypto";
import { expect, it } from "vitest";
import { addSamples, sampleText } from "./text-sample.ts";

const prose = "What was said in the meeting of that day, in short sentences.";
/** Strings as a snapshot holds them: a length of eight bytes, the text, a zero. */
const stored = (...texts: readonly string[]): Buffer =>
  Buffer.concat(
    texts.map((text) => {
      const length = Buffer.alloc(8);
      length.writeBigUInt64LE(BigInt(text.length + 1));
      return Buffer.concat([length, Buffer.from(`${text}\0`)]);
    }),
  );
const noise = (encoding: "base64" | "hex"): string => randomBytes(60).toString(encoding);

it("counts what has no spaces, and leaves out UUIDs, short strings and vectors", () => {
  expect(sampleText(stored(prose), 0)).toEqual({ bytes: prose.length, unbrokenBytes: 0 });
  expect(sampleText(stored(randomUUID(), "a short name", prose), 0)).toEqual({ bytes: prose.length, unbrokenBytes: 0 });
  for (const text of [noise("base64"), noise("hex")])
    expect(sampleText(stored(text, prose), 0)).toEqual({
      bytes: text.length + prose.length,
      unbrokenBytes: text.length,
    });
  const vector = Buffer.from(Float32Array.from(randomBytes(50_000), (byte, index) => byte / (index + 1) - 0.5).buffer);
  expect(sampleText(vector, 0).bytes).toBeLessThan(vector.length / 5000);
});

it("looks at the first parts as a whole, and at an eighth of the others", () => {
  const part = Buffer.alloc(4 * 2 ** 20, stored(prose, noise("base64")));
  const [whole, windows] = [sampleText(part, 0), sampleText(part, 4)];
  expect(windows.bytes / whole.bytes).toBeCloseTo(1, 1);
  expect(windows.unbrokenBytes / windows.bytes).toBeCloseTo(whole.unbrokenBytes / whole.bytes, 1);
  expect(windows.bytes % 8).toBe(0);
  expect(addSamples([whole, windows]).bytes).toBe(whole.bytes + windows.bytes);
});
