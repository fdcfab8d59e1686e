import { expect, test } from "vitest";
import { Draw } from "../random.ts";
import { entityName, entityNameInto, prose, proseInto, proseLimit, textPools } from "./text.ts";

const pools = textPools(1);
const bytes = Buffer.alloc(8192);
const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);

test("pools depend on the seed alone", () => {
  const first = textPools(1).heads.strings.slice(0, 50);
  textPools(2);
  expect(textPools(1).heads.strings.slice(0, 50)).toEqual(first);
  expect(textPools(2).heads.strings.slice(0, 50)).not.toEqual(first);
});

test("prose is the same as text and as bytes, and takes the same draws", () => {
  for (const length of [0, 0.5, 1, 12, 60, 200, 5000]) {
    const [a, b] = [new Draw(1, "prose").at(length), new Draw(1, "prose").at(length)];
    const text = prose(pools, a, length);
    const end = proseInto(pools, b, length, view, 5);
    expect(bytes.toString("utf8", 5, end)).toBe(text);
    expect(text).toMatch(/^[ -~]*$/);
    expect(Buffer.byteLength(text)).toBeLessThan(proseLimit(length));
    expect(a.next()).toBe(b.next());
  }
});

test("prose has the length asked for", () => {
  const draw = new Draw(1, "length");
  for (let k = 0; k < 200; k++) expect(Math.abs(prose(pools, draw.at(k), 300).length - 300)).toBeLessThan(60);
});

test("texts do not repeat", () => {
  const draw = new Draw(1, "repeat");
  const texts = new Set(Array.from({ length: 50_000 }, (_, k) => prose(pools, draw.at(k), 60)));
  expect(texts.size).toBe(50_000);
});

test("entity names are unique, also as bytes", () => {
  const names = new Set<string>();
  for (let k = 0; k < 200_000; k++) names.add(entityName(pools, k).toLowerCase());
  expect(names.size).toBeGreaterThan(199_000);
  for (const k of [2, 17, 2047, 2048, 100_000, 4_000_000]) {
    const end = entityNameInto(pools, k, view, 1);
    expect(bytes.toString("utf8", 1, end)).toBe(entityName(pools, k));
  }
  expect(entityName(pools, 4_300_000)).toMatch(/ 2$/);
});

test("some names are not ASCII", () => {
  expect(pools.heads.strings.filter((name) => /[^ -~]/.test(name)).length).toBeGreaterThan(20);
});
