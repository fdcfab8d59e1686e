// Input of the checks: the content that a cut must hold (Expectation), and one engine state read back (Observation).
// Plain JSON (see observation-schema.ts), so that both are stored in the run directory and can be judged again offline.
// Thousands of empty tenants must stay small: index sets are shared, buckets are few where entities are few.

import type { ServerState } from "./server-state.ts";

export type EntityKind = "NODE" | "RELATIONSHIP";

/** Number of entities and the sum of their 128-bit hashes as 32 hex digits; independent of order and internal ids. */
export interface Tally {
  count: number;
  sum: string;
}

/** Numbers of entities with a property, by stored type: `{ "uuid": { "String": 5 } }`. */
export type StoredTypes = Record<string, Record<string, number>>;

/** The content of one side of a graph: its nodes, or its edges. */
export interface Side {
  count: number;
  /** Tallies by label set ("Entity:Person", sorted; "" without labels), or by relationship type. */
  kinds: Record<string, Tally & { stored: StoredTypes }>;
  /** Sums by the hash of the entity's key, so that a difference is found by comparing few entities. */
  buckets: string[];
}

export interface Fingerprint {
  nodes: Side;
  edges: Side;
}

export interface Index {
  entity: EntityKind;
  label: string;
  /** Kinds of index per property: RANGE, FULLTEXT, VECTOR; sorted. */
  fields: Record<string, string[]>;
  stopwords: string[];
  language: string;
  /**
   * Options by property that differ from the engine's defaults: `weight`, `nostem` and `phonetic` of full-text,
   * `dimension`, `similarityFunction`, `M`, `efConstruction`, `efRuntime` of vectors. Absent where there is nothing.
   */
  options?: Record<string, Record<string, IndexOption>> | undefined;
}

export type IndexOption = string | number | boolean;

export interface Constraint {
  kind: string;
  entity: EntityKind;
  label: string;
  properties: string[];
}

/** A property value whose entities are looked up both by index and by a full scan. */
export interface Lookup {
  entity: EntityKind;
  label: string;
  property: string;
  operator: "=" | "<" | ">=";
  /** The value as Cypher text, e.g. `"a"`, `0`, `-0.0`. */
  literal: string;
}

/** A word for full-text search. A stopword must find nothing. */
export interface WordProbe {
  entity: EntityKind;
  label: string;
  properties: string[];
  word: string;
  stopword: boolean;
}

/** One of the searches that Graphiti itself sends, with its input. Its rows are `[uuid, score]`. */
export interface Search {
  name: string;
  query: string;
  /** Literals of the parameters, ready for the `CYPHER` prefix. */
  parameters: Record<string, string>;
  /** Whether the order depends on index statistics, which differ between a new and a used index. */
  ranked: boolean;
}

/** Vectors of one property, compared without reading them all. */
export interface VectorSums {
  entity: EntityKind;
  property: string;
  dims: number;
  count: number;
  /** One in this many vectors is compared by its bytes. */
  sampleEvery: number;
  /** Distances to a seeded probe vector, summed per bucket in units of 2^-30. */
  distances: number[];
  /** Hashes of the exact float32 bytes of the sample. */
  exact: Tally;
  /** Hashes of key and distance as the engine computed it: only comparable between engines. */
  probed?: Tally;
  /** Why the engine refused to compare. */
  error?: string;
}

export interface GraphExpectation {
  name: string;
  groupId: string;
  fingerprint: Fingerprint;
  /** Position in `indexSets`. */
  indexSet: number;
  constraints: Constraint[];
  /** The bits of doubles that a reply of 15 digits does not show, per `kind.property`. */
  doubles: Record<string, Tally>;
  vectors: VectorSums[];
  lookups: Lookup[];
  words: WordProbe[];
  searches: Search[];
  /** Invariants that this graph promises; absent where those of the whole dataset apply. */
  invariants?: string[] | undefined;
  /** Numbers of violations by invariant: torn writes cause them, or the source had them before; absent without any. */
  brokenInvariants?: Record<string, number> | undefined;
}

export interface Expectation {
  schemaVersion: 1;
  seed: number;
  datasetVersion: number;
  /** Graphiti's hard invariants that the dataset promises; only a clean one promises all. */
  invariants: string[];
  indexSets: Index[][];
  graphs: GraphExpectation[];
}

interface TypedText {
  type: string;
  text: string;
}

/** One entity that differs, down to its properties. */
export interface Difference {
  kind: "missing" | "extra" | "changed";
  entity: "node" | "edge";
  label: string;
  key: string;
  properties: { name: string; expected: TypedText | null; actual: TypedText | null }[];
  /** Entities of the graph that differ in the same way, this one included; absent in older runs. */
  alike?: number;
}

export interface EntityPair {
  differences: Difference[];
  /** Entities that differ in the buckets that were read again. */
  found: number;
  buckets: number;
  bucketsRead: number;
  entitiesRead: number;
}

/** Entities found in one engine state; the digest of their internal ids is only comparable within it. */
export interface Match {
  count: number;
  ids: string;
}

export interface IndexAnswer {
  lookup: Lookup;
  index: Match;
  scan: Match;
  /** Whether GRAPH.EXPLAIN showed the index in use. */
  usedIndex: boolean;
}

/** Whether the index of a relation type finds an edge that starts or ends at the node with id 0. */
export interface FirstNodeAnswer {
  label: string;
  end: "start" | "end";
  property: string;
  literal: string;
  found: boolean;
}

export interface WordAnswer {
  probe: WordProbe;
  /** Entities that the full-text index returned. */
  index: number;
  /** Entities that contain the word by a full scan. */
  scan: number;
  /** Scanned entities that the index did not return. */
  missed: number;
}

export interface InvariantTally {
  checked: number;
  violated: number;
  samples: string[];
}

export interface SearchAnswer {
  name: string;
  rows: [uuid: string, score: string][];
  error?: string;
}

/** Nearest that a vector index found, per seeded probe, of those that a scan of all its vectors gives. */
export interface VectorSearch {
  entity: EntityKind;
  label: string;
  property: string;
  /** Number of nearest asked for. */
  nearest: number;
  /** Those that a scan gives: fewer than `nearest` in a small graph. */
  wanted: number[];
  /** How many of them the index gave. */
  found: number[];
  /** Why the engine refused to search or to scan. */
  error?: string;
}

export interface ConstraintState extends Constraint {
  status: string;
  /** Whether an attempted violation was refused; absent where none was attempted. */
  enforced?: boolean;
}

export interface GraphObservation {
  name: string;
  fingerprint: Fingerprint;
  /** Counts reported by the engine itself, for comparison with what was read. */
  counted: { nodes: number; edges: number };
  indexSet: number;
  notOperational: string[];
  constraints: ConstraintState[];
  doubles: Record<string, Tally>;
  vectors: VectorSums[];
  indexAnswers: IndexAnswer[];
  wordAnswers: WordAnswer[];
  /** Absent in runs of older versions. */
  firstNodeAnswers?: FirstNodeAnswer[];
  invariants: Record<string, InvariantTally>;
  searches: SearchAnswer[];
  /** Absent in runs of older versions. */
  vectorSearches?: VectorSearch[];
  /** Located differences; only where the fingerprint differs from the expected one. */
  located?: EntityPair;
}

export type Role = "source" | "target";

export interface Observation {
  schemaVersion: 1;
  role: Role;
  versions: { redis: string; module: number };
  /** Names from GRAPH.LIST, sorted. */
  graphNames: string[];
  indexSets: Index[][];
  graphs: GraphObservation[];
  /** Keys besides the graphs, and settings of the server; absent in runs of older versions. */
  server?: ServerState | undefined;
  rowsRead: number;
  /** Milliseconds per part of the observation. */
  phases: Record<string, number>;
}
