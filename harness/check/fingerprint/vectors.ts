// Vectors, compared without reading them all: the exact bytes of a seeded sample, and for every vector its distance to
// a seeded probe, computed in the engine. The engine computes in single precision, so against the generator the
// distances agree only roughly; between two engines of one version they agree to the last digit.
import { hashBytes, Sums } from "./hash.ts";
import type { EntityKind, Tally, VectorSums } from "../observation.ts";
import type { RowExtras } from "./row-extras.ts";

/** Approximate number of vectors whose bytes are compared; all of them where there are fewer. */
const sampled = 4_000;

/** Distances are summed as whole multiples of this, so that the order of the sum does not matter. */
const unit = 2 ** -30;

function sampleEveryOf(entities: number): number {
  return Math.max(1, Math.ceil(entities / sampled));
}

/** Whether the bytes of this entity's vector are compared. */
export function isSampled(keyHigh: number, keyLow: number, every: number): boolean {
  return (keyLow ^ (keyHigh >>> 7)) % every === 0;
}

/** The components are about as large as those of an embedding, exactly representable, and depend on the seed alone. */
export function probeVector(seed: number, dims: number): Float32Array {
  const probe = new Float32Array(dims);
  let state = (seed ^ 0x5eed) >>> 0;
  for (let at = 0; at < dims; at += 1) {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0;
    probe[at] = ((state >>> 16) - 32_768) / 2 ** 20;
  }
  return probe;
}

const distanceMax = 1e18;

/** Sums of one vector property. */
export class VectorTally {
  count = 0;
  readonly #distances: number[];
  readonly #sums = new Sums(2);
  readonly #view = new DataView(new ArrayBuffer(16));
  readonly #lanes = new Uint32Array(4);
  #exact = 0;

  constructor(buckets: number) {
    this.#distances = Array.from({ length: buckets }, () => 0);
  }

  distance(high: number, low: number, distance: number): void {
    this.count += 1;
    const bucket = high % this.#distances.length;
    // Beyond this, squares overflow single precision and the engine returns Infinity, which would void its whole bucket
    // (and JSON cannot hold it). Such a vector is compared by its bytes, and by the exact distance from the source.
    if (distance < distanceMax) this.#distances[bucket] = (this.#distances[bucket] ?? 0) + Math.round(distance / unit);
    this.#view.setUint32(0, high);
    this.#view.setUint32(4, low);
    this.#view.setFloat64(8, distance);
    hashBytes(this.#view, 0, 16, 0, this.#lanes);
    this.#sums.add(0, this.#lanes);
  }

  bytes(high: number, low: number, vector: Float32Array): void {
    const view = new DataView(vector.buffer, vector.byteOffset, vector.byteLength);
    hashBytes(view, 0, vector.byteLength, high ^ Math.imul(low, 0x9e3779b1), this.#lanes);
    this.#sums.add(1, this.#lanes);
    this.#exact += 1;
  }

  result(): Pick<VectorSums, "count" | "distances" | "exact"> & { probed: Tally } {
    return {
      count: this.count,
      distances: this.#distances,
      exact: { count: this.#exact, sum: this.#sums.hex(1) },
      probed: { count: this.count, sum: this.#sums.hex(0) },
    };
  }
}

interface Expected {
  readonly entity: EntityKind;
  readonly property: string;
  readonly dims: number;
  readonly probe: Float32Array;
  readonly tally: VectorTally;
}

export class ExpectedVectors {
  readonly #seed: number;
  readonly #every: number;
  readonly #buckets: number;
  readonly #found = new Map<string, Expected>();

  constructor(seed: number, entities: number, buckets: number) {
    this.#seed = seed;
    this.#every = sampleEveryOf(entities);
    this.#buckets = buckets;
  }

  add(entity: EntityKind, key: Uint32Array, { vectors }: RowExtras): void {
    for (const { name, value } of vectors) {
      const { tally, probe } = this.#expected(entity, name, value.length);
      const [high = 0, low = 0] = key;
      tally.distance(high, low, euclidean(value, probe));
      if (isSampled(high, low, this.#every)) tally.bytes(high, low, value);
    }
  }

  result(): VectorSums[] {
    return [...this.#found.values()].map(({ entity, property, dims, tally }) => {
      const { count, distances, exact } = tally.result();
      return { entity, property, dims, count, sampleEvery: this.#every, distances, exact };
    });
  }

  #expected(entity: EntityKind, property: string, dims: number): Expected {
    const id = `${entity} ${property}`;
    let expected = this.#found.get(id);
    if (expected === undefined) {
      const probe = probeVector(this.#seed, dims);
      expected = { entity, property, dims, probe, tally: new VectorTally(this.#buckets) };
      this.#found.set(id, expected);
    }
    return expected;
  }
}

function euclidean(one: Float32Array, other: Float32Array): number {
  let sum = 0;
  for (let at = 0; at < one.length; at += 1) {
    const difference = (one[at] ?? 0) - (other[at] ?? 0);
    sum += difference * difference;
  }
  return Math.sqrt(sum);
}

/** Allowed difference between two sums of `count` distances: single precision loses up to this much of each. */
export function distanceTolerance(count: number): number {
  return Math.ceil((count * 2e-6 + 2e-6) / unit);
}
