import { createHash, randomBytes, randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { addSamples, sampleText } from "./text-sample.ts";

const prose = "What was said in the meeting of that day, in short sentences.";
/** Texts as a snapshot holds them: a length of eight bytes, the text, a zero. */
const stored = (...texts: readonly string[]): Buffer =>
  Buffer.concat(
    texts.map((text) => {
      const length = Buffer.alloc(8);
      length.writeBigUInt64LE(BigInt(Buffer.byteLength(text) + 1));
      return Buffer.concat([length, Buffer.from(`${text}\0`)]);
    }),
  );
const noise = (encoding: "base64" | "hex"): string => randomBytes(600).toString(encoding);

describe("the sample of the text in a snapshot", () => {
  it("counts noise in base64 and in hexadecimal digits", () => {
    for (const text of [noise("base64"), noise("hex"), createHash("sha1").update(prose).digest("hex")]) {
      const bytes = text.length + prose.length;
      expect(sampleText(stored(text, prose), 0)).toEqual({ bytes, noiseBytes: text.length });
    }
  });

  it.each([
    ["prose", prose],
    ["a hash in a sentence", `${prose} It is fixed in ${createHash("sha1").update(prose).digest("hex")}.`],
    ["another language", "Über die Größe der Straßenbahnhaltestellenüberdachung wurde nicht entschieden."],
    ["Chinese", "会议当天所说的话都写在这份简短的记录里，由在场的人签字确认。"],
    ["a time", "2025-01-06T08:00:14.998957+00:00"],
    ["an address", "https://example.org/en/articles/2025/01/the-history-of-the-library?page=3&sort=date"],
    ["joined words", "getTheUserAccountInformationByIdentifierAndDate, last_summarized_episode_valid_at"],
    ["a path", "/usr/local/share/applications/organisation/documents/minutes.txt"],
    ["a vector in text", "vecf32([-0.013791084289550781,-0.0030374526977539062,-0.015794754028320312])"],
  ])("takes %s for text, not for noise", (_, text) => {
    expect(sampleText(stored(text), 0)).toEqual({ bytes: Buffer.byteLength(text), noiseBytes: 0 });
  });

  it("leaves out UUIDs, short texts, vectors, and what is not stored as a text of a graph", () => {
    const nothing = { bytes: 0, noiseBytes: 0 };
    expect(sampleText(stored(randomUUID(), "a short name"), 0)).toEqual(nothing);
    // As in the module's log of queries, and in what Redis says about itself.
    expect(sampleText(Buffer.from(`\x05${noise("base64")}\0\xfa\x07repl-id(${noise("hex")}\0`), 0)).toEqual(nothing);
    const numbers = Float32Array.from(randomBytes(50_000), (byte, index) => byte / (index + 1) - 0.5);
    expect(sampleText(Buffer.from(numbers.buffer), 0)).toEqual(nothing);
  });

  it("looks at the first parts as a whole, and at an eighth of the others", () => {
    const part = Buffer.alloc(4 * 2 ** 20, stored(prose, noise("base64")));
    const [whole, windows] = [sampleText(part, 0), sampleText(part, 4)];
    expect(windows.bytes / whole.bytes).toBeCloseTo(1, 1);
    expect(windows.noiseBytes / windows.bytes).toBeCloseTo(whole.noiseBytes / whole.bytes, 1);
    expect(windows.bytes % 8).toBe(0);
    expect(addSamples([whole, windows]).bytes).toBe(whole.bytes + windows.bytes);
  });
});
