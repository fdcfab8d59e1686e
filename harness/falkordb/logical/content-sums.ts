// The content of a graph as sums that do not depend on ids and order, from every bit that a snapshot stores: all values,
// doubles and vectors included, the labels of nodes, the types and ends of edges. Two snapshots with equal sums hold the
// same graph. The content of a node is part of each of its edges. It takes 8 bytes a node and 8 an edge, beside the
// topology.
import { hashBytes, Sums } from "../../check/fingerprint/hash.ts";
import type { GraphHeader, SchemaHeader } from "../rdb/rdb-graph-header.ts";
import type { DecodedEntity } from "./entity-decoder.ts";
import { type GraphTopology, Numbers } from "./topology.ts";

/** How many there are, and the sum of their hashes. */
interface ContentSum {
  readonly count: number;
  readonly sum: string;
}

export interface GraphContentSums {
  /** By the labels of a node, sorted, as JSON. */
  readonly nodes: ReadonlyMap<string, ContentSum>;
  /** By type. */
  readonly edges: ReadonlyMap<string, ContentSum>;
  /** Indexes and constraints, each with its label or type, sorted. */
  readonly schema: readonly string[];
}

const [keySeed, valueSeed, entitySeed] = [11, 12, 13];

export class ContentHashes {
  readonly #header: GraphHeader;
  /** Two words for each entity. The lowest bit of the first is set: an id without an entity has none. */
  readonly #nodes: readonly [Numbers, Numbers] = [new Numbers(Uint32Array), new Numbers(Uint32Array)];
  readonly #edges: readonly [Numbers, Numbers] = [new Numbers(Uint32Array), new Numbers(Uint32Array)];
  readonly #keys: readonly number[];
  #nodesMax = 0;
  #edgesMax = 0;

  constructor(header: GraphHeader) {
    this.#header = header;
    this.#keys = header.propertyKeys.map((name) => hashOfText(name, keySeed));
  }

  node(entity: DecodedEntity): void {
    put(this.#nodes, entity.id, this.#hash(entity));
    this.#nodesMax = Math.max(this.#nodesMax, entity.id + 1);
  }

  edge(entity: DecodedEntity): void {
    put(this.#edges, entity.id, this.#hash(entity));
    this.#edgesMax = Math.max(this.#edgesMax, entity.id + 1);
  }

  /** `topology` is that of the same snapshot. */
  sums(topology: GraphTopology): GraphContentSums {
    const { labels, types } = this.#header;
    const names = topology.labelSets.map((set) =>
      JSON.stringify(set.map((label) => labels[label]?.name ?? "?").sort()),
    );
    const setHashes = names.map((name) => hashOfText(name, entitySeed));
    const nodes = new Tally(names);
    const edges = new Tally(types.map(({ name }) => name));
    const frame = new DataView(new ArrayBuffer(32));
    const end = (at: number, node: number): void => {
      frame.setUint32(at, this.#nodes[0].at(node), true);
      frame.setUint32(at + 4, this.#nodes[1].at(node), true);
      frame.setUint32(at + 8, setHashes[topology.setOf.at(node)] ?? 0, true);
    };
    for (let id = 0; id < this.#nodesMax; id++) {
      if (this.#nodes[0].at(id) === 0) continue;
      end(0, id);
      hashBytes(frame, 0, 12, entitySeed, lanes);
      nodes.add(topology.setOf.at(id), lanes);
    }
    for (let id = 0; id < this.#edgesMax; id++) {
      if (this.#edges[0].at(id) === 0) continue;
      end(0, topology.sourceOf.at(id));
      end(12, topology.targetOf.at(id));
      frame.setUint32(24, this.#edges[0].at(id), true);
      frame.setUint32(28, this.#edges[1].at(id), true);
      hashBytes(frame, 0, 32, entitySeed, lanes);
      edges.add(topology.typeOf.at(id), lanes);
    }
    const schema = [
      ...labels.flatMap((label) => schemaTexts("label", label)),
      ...types.flatMap((type) => schemaTexts("type", type)),
    ];
    return { nodes: nodes.result(), edges: edges.result(), schema: schema.sort() };
  }

  /** Writes the hash of its properties, in whatever order they are stored. */
  #hash({ count, keys, starts, ends, values }: DecodedEntity): Uint32Array {
    total.fill(0);
    for (let index = 0; index < count; index++) {
      const seed = (this.#keys[keys[index] ?? -1] ?? 0) ^ valueSeed;
      hashBytes(values.view, starts[index] ?? 0, ends[index] ?? 0, seed, lanes);
      for (let lane = 0; lane < 4; lane++) total[lane] = (total[lane] ?? 0) + (lanes[lane] ?? 0);
    }
    hashBytes(totalView, 0, 16, entitySeed + count, lanes);
    return lanes;
  }
}

const lanes = new Uint32Array(4);
const total = new Uint32Array(4);
const totalView = new DataView(total.buffer);

function put([first, second]: readonly [Numbers, Numbers], id: number, hash: Uint32Array): void {
  first.put(id, ((hash[0] ?? 0) | 1) >>> 0);
  second.put(id, hash[1] ?? 0);
}

class Tally {
  readonly #names: readonly string[];
  readonly #sums: Sums;
  readonly #counts: number[];

  constructor(names: readonly string[]) {
    this.#names = names;
    this.#sums = new Sums(Math.max(1, names.length));
    this.#counts = names.map(() => 0);
  }

  add(slot: number, hash: Uint32Array): void {
    this.#sums.add(slot, hash);
    this.#counts[slot] = (this.#counts[slot] ?? 0) + 1;
  }

  result(): ReadonlyMap<string, ContentSum> {
    const entries = this.#names.map((name, slot): [string, ContentSum] => [
      name,
      { count: this.#counts[slot] ?? 0, sum: this.#sums.hex(slot) },
    ]);
    return new Map(entries.filter(([, { count }]) => count > 0));
  }
}

function schemaTexts(kind: string, { name, index, stopwords, options = [], constraints }: SchemaHeader): string[] {
  const fields = index.map((field) => `index ${field}`);
  const settings = [...options, ...(stopwords.length === 0 ? [] : [`stopwords ${stopwords.toSorted().join(", ")}`])];
  return [...fields, ...settings, ...constraints.map((constraint) => `constraint ${constraint}`)].map(
    (text) => `${kind} ${JSON.stringify(name)}: ${text}`,
  );
}

/** One sentence for each difference; empty where both hold the same. */
export function differingSums(expected: GraphContentSums, found: GraphContentSums): readonly string[] {
  const schema = [
    ...expected.schema.filter((text) => !found.schema.includes(text)).map((text) => `${text} is missing`),
    ...found.schema.filter((text) => !expected.schema.includes(text)).map((text) => `${text} is there, and was not`),
  ];
  return [
    ...differing("nodes with the labels", expected.nodes, found.nodes),
    ...differing("edges of the type", expected.edges, found.edges),
    ...schema,
  ];
}

function differing(what: string, expected: GraphContentSums["nodes"], found: GraphContentSums["nodes"]): string[] {
  return [...new Set([...expected.keys(), ...found.keys()])].sort().flatMap((name) => {
    const [wanted, got] = [expected.get(name) ?? none, found.get(name) ?? none];
    if (wanted.count !== got.count) return [`${got.count} ${what} ${name} instead of ${wanted.count}`];
    return wanted.sum === got.sum ? [] : [`${what} ${name} have other values or ends`];
  });
}

const none: ContentSum = { count: 0, sum: "" };

function hashOfText(text: string, seed: number): number {
  const bytes = Buffer.from(text);
  hashBytes(new DataView(bytes.buffer, bytes.byteOffset, bytes.length), 0, bytes.length, seed, lanes);
  return lanes[0] ?? 0;
}
