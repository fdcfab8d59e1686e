// Hand-made expectations and observations for the tests of the checks.
import type { Expectation, GraphExpectation, GraphObservation, Observation } from "../observation.ts";
import type { ServerState } from "../server-state.ts";

const sum = "0123456789abcdef0123456789abcdef";
/** A sum that is not the one of `sampleExpectation`. */
export const otherSum: string = "f".repeat(32);

const madeGraph: GraphExpectation = {
  name: "main",
  groupId: "main",
  fingerprint: {
    nodes: {
      count: 2,
      kinds: { Entity: { count: 2, sum, stored: { uuid: { String: 2 }, weight: { Float: 1 } } } },
      buckets: [sum],
    },
    edges: { count: 1, kinds: { RELATES_TO: { count: 1, sum, stored: { uuid: { String: 1 } } } }, buckets: [sum] },
  },
  indexSet: 0,
  constraints: [{ kind: "UNIQUE", entity: "NODE", label: "Entity", properties: ["uuid"] }],
  doubles: { "NODE.weight": { count: 1, sum } },
  vectors: [
    {
      entity: "NODE",
      property: "name_embedding",
      dims: 4,
      count: 2,
      sampleEvery: 1,
      distances: [2 ** 31],
      exact: { count: 2, sum },
    },
  ],
  lookups: [{ entity: "NODE", label: "Entity", property: "uuid", operator: "=", literal: '"a"' }],
  words: [{ entity: "NODE", label: "Entity", properties: ["name"], word: "lake", stopword: false }],
  searches: [{ name: "facts", query: "RETURN 1", parameters: {}, ranked: false }],
};

export const sampleExpectation: Expectation = {
  schemaVersion: 1,
  seed: 1,
  datasetVersion: 1,
  invariants: ["H1", "H3"],
  indexSets: [
    [
      {
        entity: "NODE",
        label: "Entity",
        fields: { uuid: ["RANGE"], name: ["FULLTEXT"] },
        stopwords: ["the"],
        language: "english",
        options: { name: { weight: 2, nostem: true } },
      },
    ],
  ],
  graphs: [
    madeGraph,
    { ...madeGraph, name: "empty", fingerprint: emptyFingerprint(), constraints: [], doubles: {}, vectors: [] },
  ],
};

function emptyFingerprint(): GraphExpectation["fingerprint"] {
  const none = { count: 0, kinds: {}, buckets: ["0".repeat(32)] };
  return { nodes: none, edges: none };
}

function observed(graph: GraphExpectation): GraphObservation {
  const { name, fingerprint, indexSet, constraints, doubles, vectors } = structuredClone(graph);
  const isEmpty = fingerprint.nodes.count === 0;
  return {
    name,
    fingerprint,
    indexSet,
    doubles,
    counted: { nodes: fingerprint.nodes.count, edges: fingerprint.edges.count },
    notOperational: [],
    constraints: constraints.map((constraint) => Object.assign({ status: "OPERATIONAL", enforced: true }, constraint)),
    vectors: vectors.map((vector) => Object.assign({ probed: { count: vector.count, sum } }, vector)),
    indexAnswers: graph.lookups.map((lookup) => ({
      lookup,
      index: { count: 1, ids: "1-1" },
      scan: { count: 1, ids: "1-1" },
      usedIndex: true,
    })),
    wordAnswers: graph.words.map((probe) => ({ probe, index: 3, scan: 2, missed: 0 })),
    invariants: isEmpty
      ? {}
      : { H1: { checked: 3, violated: 0, samples: [] }, H3: { checked: 1, violated: 0, samples: [] } },
    searches: [
      {
        name: "facts",
        rows: [
          ["a", "2"],
          ["b", "1"],
          ["c", "1"],
        ],
      },
    ],
    vectorSearches: isEmpty
      ? []
      : [{ entity: "NODE", label: "Entity", property: "name_embedding", nearest: 10, wanted: [2], found: [2] }],
  };
}

function madeServer(): ServerState {
  return {
    role: "master",
    settings: { dbfilename: "dump.rdb", maxmemory: "0", "min-replicas-to-write": "0", port: "1" },
    moduleSettings: { EFFECTS_THRESHOLD: "300", RESULTSET_SIZE: "-1", TIMEOUT_MAX: "0" },
    users: { default: sum },
    keys: { count: 1, items: [{ database: 0, key: "beside", type: "string", digest: sum, expires: false }] },
    functions: { lib: sum },
    graphFunctions: { udf: sum },
    write: { taken: true },
  };
}

/** Observation of an engine with exactly the expected content, which `change` then spoils. */
export function madeObservation(change: (graph: GraphObservation, all: Observation) => void = () => {}): Observation {
  const main = observed(madeGraph);
  const [, empty = madeGraph] = sampleExpectation.graphs;
  const all: Observation = {
    schemaVersion: 1,
    role: "target",
    versions: { redis: "8.2.3", module: 41_603 },
    graphNames: ["empty", "main"],
    indexSets: structuredClone(sampleExpectation.indexSets),
    graphs: [main, observed(empty)],
    server: madeServer(),
    rowsRead: 3,
    phases: {},
  };
  change(main, all);
  return all;
}
