// Reads what is compared of vectors and doubles: distances to the probe for all, the exact bytes of a sample, and the
// bits of doubles beyond 15 digits. Keys come from the fingerprint, which has seen every entity already.
import { doubleRestOf, tags } from "../check/canonical.ts";
import { DoubleTallies } from "../check/doubles.ts";
import type { EntityRow } from "../check/entity-row.ts";
import type { GraphFingerprint, Kind } from "../check/fingerprint.ts";
import type { GraphExpectation, Tally, VectorSums } from "../check/observation.ts";
import { isSampled, probeVector, VectorTally } from "../check/vectors.ts";
import { messageOf } from "../base/errors.ts";
import type { ReplyCursor } from "./read-cursor.ts";
import type { ReadStream } from "./read-stream.ts";

const sampleBatch = 200;
const range = 20_000;

interface Wanted {
  readonly expected: VectorSums;
  readonly name: number;
  readonly tally: VectorTally;
  /** Ids of the sampled entities: of a node its own, of an edge the source's and its own. */
  readonly sample: { id: number; source: number; high: number; low: number }[];
}

/** Notes on the way which vectors belong to the sample, and the keys of edges that have vectors or doubles. */
export class VectorReading {
  readonly #fingerprint: GraphFingerprint;
  readonly #wanted: readonly Wanted[];
  readonly #edgeKeys = new Map<number, readonly [number, number]>();
  readonly #doubleNames = new Set<number>();
  readonly #kindsWithDoubles = new Set<string>();
  #lastId = -1;

  constructor(fingerprint: GraphFingerprint, expected: GraphExpectation) {
    this.#fingerprint = fingerprint;
    this.#wanted = expected.vectors.map((vectors) => ({
      expected: vectors,
      name: fingerprint.names.of(vectors.property),
      tally: new VectorTally(vectors.distances.length),
      sample: [],
    }));
  }

  node(row: EntityRow, id: number, _kind: Kind): void {
    if (id > this.#lastId) this.#lastId = id;
    this.#note("NODE", row, id, id);
    this.#noteDoubles(row, "NODE");
  }

  edge(row: EntityRow, ids: { readonly id: number; readonly source: number }, kind: Kind): void {
    const doubles = this.#noteDoubles(row, `RELATIONSHIP ${kind.name}`);
    const vectors = this.#note("RELATIONSHIP", row, ids.id, ids.source);
    const { key } = this.#fingerprint;
    if (doubles || vectors) this.#edgeKeys.set(ids.id, [key[0] ?? 0, key[1] ?? 0]);
  }

  async readVectors(stream: ReadStream, graph: string, seed: number): Promise<VectorSums[]> {
    const sums: VectorSums[] = [];
    for (const wanted of this.#wanted) {
      const { expected, tally } = wanted;
      const base = { entity: expected.entity, property: expected.property, dims: expected.dims };
      try {
        await this.#distances(stream, graph, wanted, probeVector(seed, expected.dims));
        await this.#bytes(stream, graph, wanted);
        sums.push({ ...base, sampleEvery: expected.sampleEvery, ...tally.result() });
      } catch (error) {
        // Another dimension or type makes the engine refuse: that is an observation, not a failure to observe.
        const nothing = { sampleEvery: expected.sampleEvery, ...new VectorTally(1).result() };
        sums.push({ ...base, ...nothing, error: messageOf(error) });
      }
    }
    return sums;
  }

  async readDoubles(stream: ReadStream, graph: string): Promise<Record<string, Tally>> {
    const tallies = new DoubleTallies();
    for (const name of this.#doubleNames) {
      const property = this.#fingerprint.names.name(name);
      for (const kind of this.#kindsWithDoubles) {
        const entity = kind === "NODE" ? "NODE" : "RELATIONSHIP";
        const pattern = kind === "NODE" ? "(e)" : `()-[e:\`${kind.slice("RELATIONSHIP ".length)}\`]->()`;
        const value = `e.\`${property}\``;
        const query = `MATCH ${pattern} WHERE typeof(${value}) = 'Float' RETURN id(e), ${doubleRestOf(value)}`;
        await stream.rows(graph, query, (cursor) => {
          cursor.array();
          const id = cell(cursor).integer();
          const rest = cell(cursor).string();
          const [high, low] = this.#key(entity, id);
          tallies.add(`${entity}.${property}`, high, low, rest);
        });
      }
    }
    return tallies.result();
  }

  #noteDoubles(row: EntityRow, kind: string): boolean {
    let found = false;
    for (let at = 0; at < row.count; at += 1) {
      if (row.tags[at] !== tags.Float) continue;
      found = true;
      this.#doubleNames.add(row.names[at] ?? 0);
      this.#kindsWithDoubles.add(kind);
    }
    return found;
  }

  #note(entity: "NODE" | "RELATIONSHIP", row: EntityRow, id: number, source: number): boolean {
    let found = false;
    for (const { expected, name, sample } of this.#wanted) {
      if (expected.entity !== entity || row.tags[row.find(name)] !== tags.Vectorf32) continue;
      found = true;
      const [high = 0, low = 0] = this.#fingerprint.key;
      if (isSampled(high, low, expected.sampleEvery)) sample.push({ id, source, high, low });
    }
    return found;
  }

  #key(entity: "NODE" | "RELATIONSHIP", id: number): readonly [number, number] {
    if (entity === "RELATIONSHIP") return this.#edgeKeys.get(id) ?? [0, 0];
    return [this.#fingerprint.keyWord(id, 0), this.#fingerprint.keyWord(id, 1)];
  }

  async #distances(stream: ReadStream, graph: string, wanted: Wanted, probe: Float32Array): Promise<void> {
    const { entity, property } = wanted.expected;
    const [pattern, variable] = entity === "NODE" ? ["(n)", "n"] : ["(n)-[r]->()", "r"];
    const value = `${variable}.\`${property}\``;
    for (let from = 0; from <= this.#lastId; from += range) {
      const query = `WITH vecf32([${probe.join(",")}]) AS probe MATCH ${pattern} WHERE id(n) >= ${from} AND id(n) < ${from + range} AND typeof(${value}) = 'Vectorf32' RETURN id(${variable}), vec.euclideanDistance(${value}, probe)`;
      await stream.rows(graph, query, (cursor) => {
        cursor.array();
        const id = cell(cursor).integer();
        const distance = Number(cell(cursor).string());
        const [high, low] = this.#key(entity, id);
        wanted.tally.distance(high, low, distance);
      });
    }
  }

  async #bytes(stream: ReadStream, graph: string, { expected, tally, sample }: Wanted): Promise<void> {
    const value = `e.\`${expected.property}\``;
    const match =
      expected.entity === "NODE"
        ? "MATCH (e) WHERE id(e) = pair[1]"
        : "MATCH (n)-[e]->() WHERE id(n) = pair[0] AND id(e) = pair[1]";
    for (let from = 0; from < sample.length; from += sampleBatch) {
      const part = sample.slice(from, from + sampleBatch);
      const keyOf = new Map(part.map((entry) => [entry.id, entry]));
      const pairs = part.map((entry) => `[${entry.source},${entry.id}]`).join(",");
      await stream.rows(graph, `UNWIND [${pairs}] AS pair ${match} RETURN id(e), ${value}`, (cursor) => {
        cursor.array();
        const id = cell(cursor).integer();
        const vector = readVector(cell(cursor));
        const key = keyOf.get(id);
        if (key !== undefined) tally.bytes(key.high, key.low, vector);
      });
    }
  }
}

/** Enters a cell, whose type is known. */
function cell(cursor: ReplyCursor): ReplyCursor {
  cursor.array();
  cursor.integer();
  return cursor;
}

function readVector(cursor: ReplyCursor): Float32Array {
  const vector = new Float32Array(Math.max(0, cursor.array()));
  for (let at = 0; at < vector.length; at += 1) vector[at] = Number(cursor.string());
  return vector;
}
