// The whole-graph fingerprint: per entity one 128-bit hash of its kind, its typed properties and (edges) the keys of its
// ends, summed per kind and per bucket. The sums depend on neither ids nor order, so a generator's records and a read of
// an engine can be compared. Feeding it is the same for both: nodes first, then edges.
import { typeNames } from "./canonical.ts";
import type { EntityRow } from "./entity-row.ts";
import { finalMix, hashBytes, Sums } from "./hash.ts";
import { NameTable } from "./names.ts";
import type { Fingerprint, Side, StoredTypes } from "../observation.ts";

const tagCount = 17;
const nodeSeed = 0x4e4f4445;
const edgeSeed = 0x45444745;

/** Few buckets for few entities keep thousands of tenants small; many narrow a difference down to 1/1024. */
export function bucketsFor(entities: number): number {
  if (entities < 1_000) return 1;
  return entities < 100_000 ? 64 : 1024;
}

/** A label set or a relationship type. */
export interface Kind {
  readonly index: number;
  readonly name: string;
  count: number;
  /** Number of entities with a property of a type: `[name * tagCount + tag]`. */
  stored: Uint32Array;
}

class SideSums {
  readonly kinds: Map<string, Kind> = new Map();
  count = 0;
  readonly buckets: number;
  readonly #bucketSums: Sums;
  #kindSums: Sums = new Sums(256);

  constructor(buckets: number) {
    this.buckets = buckets;
    this.#bucketSums = new Sums(buckets);
  }

  kind(name: string): Kind {
    let kind = this.kinds.get(name);
    if (kind === undefined) {
      kind = { index: this.kinds.size, name, count: 0, stored: new Uint32Array(tagCount * 64) };
      this.kinds.set(name, kind);
      if (kind.index >= this.#kindSums.slots) this.#kindSums = this.#kindSums.grown();
    }
    return kind;
  }

  add(kind: Kind, row: EntityRow, lanes: Uint32Array, bucket: number): void {
    this.count += 1;
    kind.count += 1;
    this.#kindSums.add(kind.index, lanes);
    this.#bucketSums.add(bucket, lanes);
    for (let at = 0; at < row.count; at += 1) {
      const slot = (row.names[at] ?? 0) * tagCount + (row.tags[at] ?? 0);
      if (slot >= kind.stored.length) kind.stored = grown(kind.stored, slot + 1);
      kind.stored[slot] = (kind.stored[slot] ?? 0) + 1;
    }
  }

  result(names: NameTable): Side {
    const kinds: Side["kinds"] = {};
    for (const kind of [...this.kinds.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1)))
      kinds[kind.name] = { count: kind.count, sum: this.#kindSums.hex(kind.index), stored: storedTypes(kind, names) };
    const buckets = Array.from({ length: this.buckets }, (_, bucket) => this.#bucketSums.hex(bucket));
    return { count: this.count, kinds, buckets };
  }
}

function grown(from: Uint32Array, atLeast: number, size: number = Math.max(atLeast, from.length * 2)): Uint32Array {
  const to = new Uint32Array(size);
  to.set(from);
  return to;
}

function storedTypes(kind: Kind, names: NameTable): StoredTypes {
  const found: StoredTypes = {};
  kind.stored.forEach((count, slot) => {
    if (count === 0) return;
    const types = (found[names.name(Math.floor(slot / tagCount))] ??= {});
    types[typeNames[slot % tagCount] ?? ""] = count;
  });
  return Object.fromEntries(Object.entries(found).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

export class GraphFingerprint {
  readonly names: NameTable;
  readonly nodes: SideSums;
  readonly edges: SideSums;
  /** Hash and bucket of the entity last added. */
  readonly lanes: Uint32Array = new Uint32Array(4);
  bucket = 0;
  /** Key of the entity last added: the hash of its uuid, or of its content where it has none. */
  readonly key: Uint32Array = new Uint32Array(2);
  readonly #uuid: number;
  readonly #scratch: DataView = new DataView(new ArrayBuffer(48));
  /** Keys of the nodes, two words each, by the caller's node id. */
  #keys: Uint32Array = new Uint32Array(2048);

  constructor(nodeBuckets: number, edgeBuckets: number, names: NameTable = new NameTable()) {
    this.names = names;
    this.#uuid = names.of("uuid");
    this.nodes = new SideSums(nodeBuckets);
    this.edges = new SideSums(edgeBuckets);
  }

  /** New sums with the names and the node keys of this one, to read the same graph again. */
  again(): GraphFingerprint {
    const fresh = new GraphFingerprint(this.nodes.buckets, this.edges.buckets, this.names);
    fresh.#keys = this.#keys;
    return fresh;
  }

  /** Allocates room for node ids below `ids` in advance, where their number is known. */
  reserve(ids: number): void {
    if (ids * 2 > this.#keys.length) this.#keys = grown(this.#keys, ids * 2, ids * 2);
  }

  addNode(row: EntityRow, id: number, kind: Kind): void {
    this.#hash(row, this.#seedOf(kind), nodeSeed, 32);
    this.#take(row, this.nodes);
    this.nodes.add(kind, row, this.lanes, this.bucket);
    if (id * 2 >= this.#keys.length) this.#keys = grown(this.#keys, id * 2 + 2);
    this.#keys[id * 2] = this.key[0] ?? 0;
    this.#keys[id * 2 + 1] = this.key[1] ?? 0;
  }

  addEdge(row: EntityRow, source: number, target: number, kind: Kind): void {
    this.#scratch.setUint32(32, this.keyWord(source, 0), true);
    this.#scratch.setUint32(36, this.keyWord(source, 1), true);
    this.#scratch.setUint32(40, this.keyWord(target, 0), true);
    this.#scratch.setUint32(44, this.keyWord(target, 1), true);
    this.#hash(row, this.#seedOf(kind), edgeSeed, 48);
    this.#take(row, this.edges);
    this.edges.add(kind, row, this.lanes, this.bucket);
  }

  /** Returns half of a node's key; 0 for a node that was never added. */
  keyWord(id: number, half: 0 | 1): number {
    return this.#keys[id * 2 + half] ?? 0;
  }

  /** Gives a node another key, before the edges are added that refer to it. */
  setKey(id: number, high: number, low: number): void {
    this.#keys[id * 2] = high;
    this.#keys[id * 2 + 1] = low;
  }

  result(): Fingerprint {
    return { nodes: this.nodes.result(this.names), edges: this.edges.result(this.names) };
  }

  #seedOf(kind: Kind): number {
    return this.names.of(kind.name) * 4;
  }

  /** Sums the properties, so that their order does not matter, and hashes the sum, so that they stay bound together. */
  #hash(row: EntityRow, kindAt: number, seed: number, bytes: number): void {
    const { seeds } = this.names;
    const { names, tags, lanes, count } = row;
    for (let lane = 0; lane < 4; lane += 1) {
      let sum = 0;
      for (let at = 0; at < count; at += 1) {
        const salt = (seeds[(names[at] ?? 0) * 4 + lane] ?? 0) + (tags[at] ?? 0);
        sum = (sum + finalMix((lanes[at * 4 + lane] ?? 0) ^ salt)) | 0;
      }
      this.#scratch.setInt32(lane * 4, sum, true);
      this.#scratch.setUint32(16 + lane * 4, seeds[kindAt + lane] ?? 0, true);
    }
    hashBytes(this.#scratch, 0, bytes, seed, this.lanes);
  }

  #take(row: EntityRow, side: SideSums): void {
    const at = row.find(this.#uuid);
    const from = at < 0 ? this.lanes : row.lanes;
    const first = at < 0 ? 0 : at * 4;
    this.key[0] = from[first] ?? 0;
    this.key[1] = from[first + 1] ?? 0;
    this.bucket = this.key[0] % side.buckets;
  }
}
