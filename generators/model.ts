// The shape of a generated graph: what exists, in which order, with exact stored types. Pure data; no I/O, no clock.

import type { RecordWriter } from "./records/record-writer.ts";

/** A double. Plain JavaScript numbers in a record are 64-bit integers; wrap what must be stored as a double. */
export class Double {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}

/** A value that only Cypher can create (GRAPH.BULK has no such type), with the expression that makes it. */
export class CypherValue {
  readonly type: "point" | "date" | "localtime" | "localdatetime" | "duration";
  /** A Cypher expression, e.g. `point({latitude: 1.5, longitude: 2})`. */
  readonly expression: string;
  /** What typeof() and a read return, as the canonical text that the fingerprint hashes. */
  readonly canonical: string;
  constructor(type: CypherValue["type"], expression: string, canonical: string) {
    this.type = type;
    this.expression = expression;
    this.canonical = canonical;
  }
}

/** Float32Array is a vecf32; number is an int64 (bigint beyond 2^53); absent properties are left out, never null. */
export type Value = string | number | bigint | boolean | Double | CypherValue | Float32Array | readonly Value[];
export type Properties = Readonly<Record<string, Value>>;

export interface NodeRecord {
  /** Position in the graph's node sequence, from 0; the internal id that a bulk load into an empty graph gives. */
  readonly id: number;
  readonly labels: readonly string[];
  readonly properties: Properties;
}

export interface EdgeRecord {
  readonly type: string;
  /** `id` of the node records at its ends. */
  readonly source: number;
  readonly target: number;
  readonly properties: Properties;
}

export interface IndexSpec {
  readonly entity: "node" | "edge";
  readonly label: string;
  readonly range: readonly string[];
  readonly fulltext: readonly string[];
  /** Custom stopwords of the full-text fields; undefined is the engine's default list. */
  readonly stopwords?: readonly string[];
  /** Language of the full-text fields of nodes; the engine's default is english. */
  readonly language?: string;
  /** Options of single full-text fields. */
  readonly textOptions?: Readonly<Record<string, TextOptions>>;
  /** Vector indexes by property. */
  readonly vectors?: Readonly<Record<string, VectorOptions>>;
}

interface TextOptions {
  readonly weight?: number;
  readonly nostem?: boolean;
  readonly phonetic?: string;
}

export interface VectorOptions {
  readonly dimension: number;
  readonly similarityFunction: "euclidean" | "cosine";
  readonly M: number;
  readonly efConstruction: number;
  readonly efRuntime: number;
}

export interface ConstraintSpec {
  readonly kind: "UNIQUE" | "MANDATORY";
  readonly entity: "node" | "edge";
  readonly label: string;
  /** UNIQUE needs a range index on each of them. */
  readonly properties: readonly string[];
}

export interface GraphCounts {
  readonly nodes: number;
  readonly edges: number;
}

/** A plan as plain data: one graph of a dataset. */
export interface PlanSource {
  readonly options: DatasetOptions;
  readonly name: string;
}

/** One graph (one Redis key). Iterating is pure: the same records each time, in the same order. */
export interface GraphPlan {
  readonly name: string;
  readonly groupId: string;
  readonly indexes: readonly IndexSpec[];
  /** Made after the indexes. */
  readonly constraints?: readonly ConstraintSpec[];
  readonly counts: GraphCounts;
  /** Records in load order, `id` counting up from 0. Streams: nothing is kept. */
  nodes(): Iterable<NodeRecord>;
  edges(): Iterable<EdgeRecord>;
  /** Any one node by its id, without walking the ones before it: what locating a difference needs. */
  node(id: number): NodeRecord;
  /**
   * Where a plan has them, the faster way for a loader: the same records as `nodes()` and `edges()`, described to a
   * writer of its own. A step of the iteration is a record.
   */
  writeNodes?(writer: RecordWriter): Iterable<undefined>;
  writeEdges?(writer: RecordWriter): Iterable<undefined>;
  /** What another thread needs to make the same plan; undefined where none does. */
  readonly source?: PlanSource | undefined;
  /** Cypher to run after the load (deleted-id holes, values that GRAPH.BULK cannot carry); usually empty. */
  readonly afterLoad: readonly string[];
}

export const shapeNames = ["personal", "team", "large", "tenants"] as const;
export const variantNames = ["clean", "dirty", "edge-values"] as const;

export interface DatasetOptions {
  readonly seed: number;
  /** Approximate number of nodes over all graphs; each plan says its exact counts. */
  readonly nodes: number;
  readonly shape: (typeof shapeNames)[number];
  readonly variant: (typeof variantNames)[number];
  /** Length of the embeddings; 0 leaves them out. */
  readonly dims: number;
  readonly schema: "pre1856" | "post1856";
}

export interface Dataset {
  readonly options: DatasetOptions;
  /** Changes whenever the generated bytes change for the same options. */
  readonly version: number;
  /** Lazy: thousands of tenants are not built at once. */
  graphs(): Iterable<GraphPlan>;
}
