// Reads the compared parts of vectors: the distance to the probe for all of them, the exact bytes for a sample.
import { errorMessage } from "../base/errors.ts";
import { tags } from "../check/fingerprint/canonical.ts";
import type { EntityRow } from "../check/fingerprint/entity-row.ts";
import type { GraphFingerprint, Kind } from "../check/fingerprint/fingerprint.ts";
import type { EntityKind, GraphExpectation, VectorSums } from "../check/observation.ts";
import { isSampled, probeVector, VectorTally } from "../check/fingerprint/vectors.ts";
import { propertyOf } from "../falkordb/client/quoted-name.ts";
import { cell, EntityKeys, integerCell } from "./entity-keys.ts";
import type { ReplyCursor } from "../falkordb/client/read-cursor.ts";
import { idRanges, forEachConcurrently } from "../falkordb/client/concurrency.ts";
import type { ReadStream } from "../falkordb/client/read-stream.ts";
import { readRanges, type WholeOptions } from "../falkordb/client/read-whole.ts";

const range = 20_000;
const sampleBatch = 200;

/** Vectors by which vector indexes are searched, at most. */
export const searchProbesMax = 32;

interface Sampled {
  readonly id: number;
  /** Id of an edge's source node, because edges cannot be found by their own id. */
  readonly source: number;
  readonly high: number;
  readonly low: number;
}

interface Wanted {
  readonly expected: VectorSums;
  readonly name: number;
  readonly tally: VectorTally;
  readonly sample: Sampled[];
  /** Vectors of the first of the sample in an order that the seed gives, by that order. */
  readonly first: Float32Array[];
}

export class VectorReading {
  readonly #fingerprint: GraphFingerprint;
  readonly #keys: EntityKeys;
  readonly #wanted: readonly Wanted[];
  #lastId = -1;

  constructor(fingerprint: GraphFingerprint, keys: EntityKeys, expected: GraphExpectation) {
    this.#fingerprint = fingerprint;
    this.#keys = keys;
    this.#wanted = expected.vectors.map((vectors) => ({
      expected: vectors,
      name: fingerprint.names.of(vectors.property),
      tally: new VectorTally(vectors.distances.length),
      sample: [],
      first: [],
    }));
  }

  node(row: EntityRow, id: number, _kind: Kind): void {
    if (id > this.#lastId) this.#lastId = id;
    this.#note("NODE", row, id, id);
  }

  edge(row: EntityRow, ids: { readonly id: number; readonly source: number }): void {
    this.#note("RELATIONSHIP", row, ids.id, ids.source);
  }

  /** Points halfway between two stored vectors each, the same for equal content and seed; to be called after `read`. */
  of(entity: EntityKind, property: string): readonly Float32Array[] {
    const first = this.#wanted.find(
      ({ expected }) => expected.entity === entity && expected.property === property,
    )?.first;
    return (first ?? [])
      .slice(1)
      .map((vector, at) => vector.map((value, axis) => (value + (first?.[at]?.[axis] ?? 0)) / 2));
  }

  async read(streams: readonly ReadStream[], graph: string, seed: number, whole: WholeOptions): Promise<VectorSums[]> {
    const sums: VectorSums[] = [];
    for (const wanted of this.#wanted) {
      const { entity, property, dims, sampleEvery } = wanted.expected;
      try {
        await this.#distances(streams, graph, { wanted, probe: probeVector(seed, dims), whole });
        await bytes(streams, graph, wanted, { seed, batch: Math.min(sampleBatch, whole.rowsMax) });
        sums.push({ entity, property, dims, sampleEvery, ...wanted.tally.result() });
      } catch (error) {
        // The engine refuses another dimension: that is an observation, not a failure to observe.
        const nothing = new VectorTally(1).result();
        sums.push({ entity, property, dims, sampleEvery, ...nothing, error: errorMessage(error) });
      }
    }
    return sums;
  }

  #note(entity: "NODE" | "RELATIONSHIP", row: EntityRow, id: number, source: number): void {
    for (const { expected, name, sample } of this.#wanted) {
      if (expected.entity !== entity || row.tags[row.find(name)] !== tags.Vectorf32) continue;
      const [high = 0, low = 0] = this.#fingerprint.key;
      if (isSampled(high, low, expected.sampleEvery)) sample.push({ id, source, high, low });
    }
  }

  async #distances(
    streams: readonly ReadStream[],
    graph: string,
    { wanted, probe, whole }: { wanted: Wanted; probe: Float32Array; whole: WholeOptions },
  ): Promise<void> {
    const { tally } = wanted;
    const { entity, property } = wanted.expected;
    const [match, variable] = entity === "NODE" ? ["MATCH (n)", "n"] : ["MATCH (n)-[r]->()", "r"];
    const value = propertyOf(variable, property);
    const columns = `${EntityKeys.columns(variable)}, vec.euclideanDistance(${value}, probe)`;
    const query = {
      graph,
      before: `WITH vecf32([${probe.join(",")}]) AS probe`,
      match,
      where: `typeof(${value}) = 'Vectorf32'`,
      returns: columns,
      edges: entity === "RELATIONSHIP",
      lastId: this.#lastId,
      size: range,
    };
    await readRanges(streams, query, whole, () => (cursor) => {
      cursor.array();
      this.#keys.read(cursor, entity);
      const distance = Number(cell(cursor).string());
      tally.distance(this.#keys.high, this.#keys.low, distance);
    });
  }
}

async function bytes(
  streams: readonly ReadStream[],
  graph: string,
  { expected, tally, sample, first }: Wanted,
  { seed, batch }: { readonly seed: number; readonly batch: number },
): Promise<void> {
  const rank = ({ high, low }: Sampled): number => Math.imul((low ^ seed) + high, 0x9e3779b1) >>> 0;
  const ranked = sample.toSorted((a, b) => rank(a) - rank(b) || a.high - b.high || a.low - b.low);
  const placeOf = new Map(ranked.slice(0, searchProbesMax + 1).map(({ id }, place) => [id, place]));
  // The engine seeks an id only where it is a variable; anything else makes it scan every node.
  const match =
    expected.entity === "NODE"
      ? "MATCH (e) WHERE id(e) = source"
      : "MATCH (n) WHERE id(n) = source MATCH (n)-[e]->() WHERE id(e) IN edges";
  const columns = `id(e), ${propertyOf("e", expected.property)}`;
  // The edges of one source together, so that a hub is traversed once.
  sample.sort((a, b) => a.source - b.source);
  await forEachConcurrently(streams, idRanges(sample.length - 1, batch), async (stream, { from, to }) => {
    const part = sample.slice(from, to);
    const byId = new Map(part.map((entry) => [entry.id, entry]));
    const groups = [...Map.groupBy(part, ({ source }) => source)];
    const list = groups.map(([source, entries]) => `[${source},[${entries.map(({ id }) => id).join(",")}]]`).join(",");
    const unwind = `UNWIND [${list}] AS pair WITH pair[0] AS source, pair[1] AS edges`;
    await stream.rows(graph, `${unwind} ${match} RETURN ${columns}`, (cursor) => {
      cursor.array();
      const id = integerCell(cursor);
      const vector = readVector(cell(cursor));
      const key = byId.get(id);
      if (key === undefined) return;
      tally.bytes(key.high, key.low, vector);
      const place = placeOf.get(id);
      if (place !== undefined) first[place] = vector;
    });
  });
}

function readVector(cursor: ReplyCursor): Float32Array {
  const vector = new Float32Array(Math.max(0, cursor.array()));
  for (let at = 0; at < vector.length; at += 1) vector[at] = Number(cursor.string());
  return vector;
}
