import { expect, test } from "vitest";
import { RowExtras } from "./row-extras.ts";
import { distanceTolerance, ExpectedVectors, isSampled, probeVector, VectorTally } from "./vectors.ts";

test("the probe depends on the seed alone, and its components are exact", () => {
  expect(probeVector(1, 8)).toEqual(probeVector(1, 8));
  expect(probeVector(1, 8)).not.toEqual(probeVector(2, 8));
  expect(probeVector(1, 1024).every((component) => Math.abs(component) <= 1 / 32)).toBe(true);
});

test("distances sum up in any order, bytes know whose they are", () => {
  const [one, other] = [new VectorTally(2), new VectorTally(2)];
  const vector = Float32Array.of(0.1, 0.2);
  for (const [high, distance] of [
    [1, 0.1],
    [3, 0.7],
    [5, 1.3],
  ] as const)
    one.distance(high, 0, distance);
  for (const [high, distance] of [
    [5, 1.3],
    [1, 0.1],
    [3, 0.7],
  ] as const)
    other.distance(high, 0, distance);
  expect(other.result()).toEqual(one.result());
  one.bytes(1, 0, vector);
  other.bytes(3, 0, vector);
  expect(other.result().exact.sum).not.toBe(one.result().exact.sum);
});

test("a swap of two vectors shows in the hashes, a component beyond the tolerance in the sums", () => {
  const distances = (first: number, second: number): VectorTally => {
    const tally = new VectorTally(1);
    tally.distance(1, 0, first);
    tally.distance(2, 0, second);
    return tally;
  };
  const base = distances(1, 1.5).result();
  expect(distances(1.5, 1).result().distances).toEqual(base.distances);
  expect(distances(1.5, 1).result().probed.sum).not.toBe(base.probed.sum);
  const moved = distances(1, 1.5001).result();
  expect((moved.distances[0] ?? 0) - (base.distances[0] ?? 0)).toBeGreaterThan(distanceTolerance(2));
});

test("expected vectors are those of the records", () => {
  const expected = new ExpectedVectors(1, 10, 1);
  const probe = probeVector(1, 2);
  const extras = new RowExtras();
  extras.vector("v", Float32Array.of(probe[0] ?? 0, (probe[1] ?? 0) + 0.5));
  expected.add("NODE", Uint32Array.of(1, 2), extras);
  expect(expected.result()).toMatchObject([
    { entity: "NODE", property: "v", dims: 2, count: 1, distances: [2 ** 29], exact: { count: 1 } },
  ]);
});

test("about one in n is sampled", () => {
  let sampled = 0;
  for (let key = 0; key < 10_000; key += 1) if (isSampled(Math.imul(key, 0x9e3779b1) >>> 0, key, 10)) sampled += 1;
  expect(sampled).toBeGreaterThan(800);
  expect(sampled).toBeLessThan(1200);
});
