// Values at the edge of what FalkorDB stores, each with a name of its own. Every one must come back from a backup exactly.
import { CypherValue, Double, type Value } from "../model.ts";

export interface EdgeCase {
  readonly name: string;
  /** The property that holds it; each property has one type, so that an index on it means something. */
  readonly property: string;
  readonly value: Value;
}

/**
 * Text lengths adjacent to the ones that crash FalkorDB 4.16.3: a string whose UTF-8 bytes plus one are 255,993 to 256,000
 * fills a buffer of its dump in a way that crashes the loader.
 */
const borderBytes = [255_991, 256_000];

const control = Array.from({ length: 31 }, (_, k) => String.fromCodePoint(k + 1)).join("");
const later = Array.from({ length: 33 }, (_, k) => String.fromCodePoint(k + 127)).join("");

const texts: Readonly<Record<string, string>> = {
  empty: "",
  space: " ",
  padded: "  both ends  ",
  control,
  "control-later": later,
  "line-ends": "a\nb\r\nc\rd\u0085e\u2028f\u2029g",
  quotes: `"double" 'single' \`back\` \\ \\n \\u0041 $param {map: 1} /* comment */ // end`,
  "looks-null": "null",
  "looks-true": "true",
  "looks-number": "0123.450",
  "looks-nan": "NaN",
  mark: "\uFEFFafter the mark\uFFFD",
  combining: "e\u0301 o\u0308\u0323 \u0BA8\u0BBF",
  rtl: "abc \u202Eדוד\u202C فاطمة",
  zwj: "👩‍👩‍👧‍👦 🏳️‍🌈 👍🏽",
  noncharacters: "\uFDD0\uFFFE\uFFFF\u{1FFFE}\u{10FFFF}",
  "string-1mb": textOfBytes(2 ** 20, "1 MB of text, with ünïcödé. "),
  "string-1mb-wide": textOfBytes(2 ** 20, "東京🙂"),
  ...Object.fromEntries(Array.from({ length: 17 }, (_, plane) => [`plane-${plane}`, planeText(plane)])),
  ...Object.fromEntries(borderBytes.map((bytes) => [`string-${bytes}`, textOfBytes(bytes, "border ")])),
};

const integers: Readonly<Record<string, number | bigint>> = {
  zero: 0,
  one: 1,
  "minus-one": -1,
  "int32-max": 2 ** 31 - 1,
  "int32-over": 2 ** 31,
  "int32-min": -(2 ** 31),
  "uint32-over": 2 ** 32,
  "safe-max": Number.MAX_SAFE_INTEGER,
  "safe-min": Number.MIN_SAFE_INTEGER,
  "beyond-double": 2n ** 53n + 1n,
  "int64-max": 2n ** 63n - 1n,
  "int64-min": -(2n ** 63n),
};

const doubles: Readonly<Record<string, number>> = {
  zero: 0,
  "minus-zero": -0,
  one: 1,
  tenth: 0.1,
  third: 1 / 3,
  sum: 0.1 + 0.2,
  max: Number.MAX_VALUE,
  min: -Number.MAX_VALUE,
  smallest: Number.MIN_VALUE,
  "smallest-normal": 2 ** -1022,
  "whole-1e15": 1e15,
  "whole-2^53": 2 ** 53,
  "large-whole": 123_456_789_012_345_680,
};

const lists: Readonly<Record<string, readonly Value[]>> = {
  empty: [],
  "empty-string": [""],
  integers: [0, -1, 2 ** 40, 2n ** 63n - 1n],
  booleans: [true, false, true],
  doubles: [new Double(0), new Double(-0), new Double(1 / 3)],
  mixed: [1, "one", true, new Double(1), ""],
  nested: [[1, [2, []]], [], ["a", [false]]],
  unicode: ["ä", "東", "🙂", "\u0301"],
  thousand: Array.from({ length: 1000 }, (_, k) => k - 500),
};

/** All numbers are exact float32 values. */
const vectors: readonly (readonly number[])[] = [
  [0],
  [-0, 1],
  [1.5, -2.25, 0.125],
  [2 ** 127, -(2 ** 127), 2 ** -126, 2 ** -149, Math.fround(0.1)],
  Array.from({ length: 1024 }, (_, k) => Math.fround(1 / (k + 1))),
];

// Points are two float32 numbers, times count seconds; the canonical text is what a compact reply says.
const cypher: readonly (readonly [name: string, type: CypherValue["type"], expression: string, canonical: string])[] = [
  ["origin", "point", "point({latitude: 0.0, longitude: 0.0})", "0,0"],
  ["corner", "point", "point({latitude: -90.0, longitude: 180.0})", "-90,180"],
  ["fraction", "point", "point({latitude: 32.0625, longitude: -34.8125})", "32.0625,-34.8125"],
  ["epoch", "date", "date('1970-01-01')", "0"],
  ["before", "date", "date('1969-12-31')", "-86400"],
  ["leap", "date", "date('2024-02-29')", "1709164800"],
  ["midnight", "localtime", "localtime('00:00:00')", "-2208988800"],
  ["noon", "localtime", "localtime('12:34:56')", "-2208943504"],
  ["leap", "localdatetime", "localdatetime('2024-02-29T12:34:56')", "1709210096"],
  ["early", "localdatetime", "localdatetime('1900-01-01T00:00:00')", "-2208988800"],
  ["late", "localdatetime", "localdatetime('2999-12-31T23:59:59')", "32503679999"],
  ["nothing", "duration", "duration({seconds: 0})", "0"],
  ["days", "duration", "duration('P3DT4H')", "273600"],
];

/** Long texts are listed separately, because one of each is enough for a graph. */
export const largeText = 10_000;

export const edgeCases: readonly EdgeCase[] = [
  ...named("text", texts),
  ...named("number", integers),
  ...Object.entries(doubles).map(([name, value]) => edgeCase("float", name, new Double(value))),
  ...named("list", lists),
  edgeCase("flag", "true", true),
  edgeCase("flag", "false", false),
  ...vectors.map((numbers) => edgeCase(`vector_${numbers.length}`, "vector", Float32Array.from(numbers))),
  ...cypher.map(([name, type, expression, canonical]) =>
    edgeCase(type, name, new CypherValue(type, expression, canonical)),
  ),
  // One name, many types: foreign tools do that.
  edgeCase("mixed", "text", "1"),
  edgeCase("mixed", "integer", 1),
  edgeCase("mixed", "float", new Double(1)),
  edgeCase("mixed", "boolean", true),
  edgeCase("mixed", "list", [1]),
];

function named(property: string, values: Readonly<Record<string, Value>>): EdgeCase[] {
  return Object.entries(values).map(([name, value]) => edgeCase(property, name, value));
}

function edgeCase(property: string, name: string, value: Value): EdgeCase {
  return { name: `${property}:${name}`, property, value };
}

/** First, second, middle and last characters of a plane; the surrogates of plane 0 are not characters. */
function planeText(plane: number): string {
  const start = plane * 0x10000;
  const offsets =
    plane === 0 ? [0x41, 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xfffd] : [0, 1, 0x7fff, 0x8000, 0xfffd];
  return String.fromCodePoint(...offsets.map((offset) => start + offset));
}

/** A text of exactly this many UTF-8 bytes. */
function textOfBytes(bytes: number, words: string): string {
  const size = Buffer.byteLength(words);
  const whole = Math.floor(bytes / size);
  return words.repeat(whole) + "x".repeat(bytes - whole * size);
}
