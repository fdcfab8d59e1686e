import { expect, test } from "vitest";
import { Draw, mix32 } from "./random.ts";

test("the mixing function is a bijection with avalanche", () => {
  const seen = new Set(Array.from({ length: 100_000 }, (_, k) => mix32(k)));
  expect(seen.size).toBe(100_000);
  // Flipping one input bit flips half of the output bits on average, whichever bit it is.
  for (let bit = 0; bit < 32; bit++) {
    let flipped = 0;
    for (let k = 0; k < 1000; k++) flipped += ones(mix32(k * 7919) ^ mix32((k * 7919) ^ (1 << bit)));
    expect(flipped / 1000).toBeGreaterThan(14.5);
    expect(flipped / 1000).toBeLessThan(17.5);
  }
});

test("every bit of a draw is fair, along a row and across rows", () => {
  const draw = new Draw(1, "test");
  const counts = { along: Array<number>(32).fill(0), across: Array<number>(32).fill(0) };
  const total = 20_000;
  draw.at(5);
  for (let k = 0; k < total; k++) tally(counts.along, draw.next());
  for (let k = 0; k < total; k++) tally(counts.across, draw.at(k).next());
  for (const count of [...counts.along, ...counts.across]) {
    expect(count / total).toBeGreaterThan(0.48);
    expect(count / total).toBeLessThan(0.52);
  }
});

test("a row depends on seed, stream and index, and on nothing that was drawn before", () => {
  const row = (seed: number, stream: string, index: number): string => {
    const draw = new Draw(seed, stream);
    draw.at(99).next();
    return draw.at(index).uuid();
  };
  expect(row(1, "a", 7)).toBe(new Draw(1, "a").at(7).uuid());
  const others = [row(1, "a", 7), row(2, "a", 7), row(1 + 2 ** 32, "a", 7), row(1, "b", 7), row(1, "a", 8)];
  expect(new Set([...others, row(1, "a", 7 + 2 ** 32)]).size).toBe(6);
});

test("uuids are of version 4, random-looking and all different across streams", () => {
  const seen = new Set<string>();
  for (const stream of ["node", "edge", "other"]) {
    const draw = new Draw(3, stream);
    for (let k = 0; k < 60_000; k++) seen.add(draw.at(k).uuid());
  }
  expect(seen.size).toBe(180_000);
  for (const uuid of [...seen].slice(0, 1000))
    expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

test("a uuid is the same as text and as bytes", () => {
  const bytes = Buffer.alloc(40, "-");
  new Draw(1, "x").at(3).uuidInto(new DataView(bytes.buffer, bytes.byteOffset), 2);
  expect(bytes.toString("latin1", 2, 38)).toBe(new Draw(1, "x").at(3).uuid());
});

test("quantiles follow their points", () => {
  const draw = new Draw(1, "quantile").at(0);
  const values = Array.from({ length: 50_000 }, () => draw.quantile([0, 10, 50, 90, 99, 100])).sort((a, b) => a - b);
  const at = (share: number): number => values[Math.floor(share * values.length)] ?? 0;
  expect(at(0.1)).toBeCloseTo(10, 0);
  expect(at(0.5)).toBeCloseTo(50, -0.5);
  expect(at(0.9)).toBeCloseTo(90, -0.5);
  expect(values.at(-1)).toBeLessThanOrEqual(100);
});

function ones(value: number): number {
  let count = 0;
  for (let bits = value >>> 0; bits !== 0; bits &= bits - 1) count++;
  return count;
}

function tally(counts: number[], value: number): void {
  for (let bit = 0; bit < 32; bit++) counts[bit] = (counts[bit] ?? 0) + ((value >>> bit) & 1);
}
