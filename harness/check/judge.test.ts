import { describe, expect, test } from "vitest";
import { checks, judgeAll, requiredWitnesses } from "./judge.ts";
import { sampleExpectation, madeObservation, otherSum } from "./testing/sample-observation.ts";
import type { GraphObservation, Observation } from "./observation.ts";

const source = madeObservation((_, all) => {
  all.role = "source";
});

function codesOf(change: (graph: GraphObservation, all: Observation) => void): string[] {
  const { findings } = judgeAll(sampleExpectation, madeObservation(change), source);
  return [...new Set(findings.map(({ code, severity }) => (severity === "error" ? code : `${code} (${severity})`)))];
}

test("what is as expected has no findings, and every check has a witness and a claim of its own", () => {
  const judgement = judgeAll(sampleExpectation, madeObservation(), source);
  expect(judgement.findings).toEqual([]);
  const required = [...requiredWitnesses(sampleExpectation), "searchesCompared"];
  expect(required.filter((name) => !judgement.witnesses[name])).toEqual([]);
  expect(new Set(checks.map(({ name }) => name)).size).toBe(checks.length);
  expect(new Set(checks.map(({ claim }) => claim)).size).toBe(checks.length);
});

/** A change that spoils the observation, and the codes of all errors that follow. */
const spoilt: Record<string, [string[], (graph: GraphObservation, all: Observation) => void]> = {
  "a graph is missing": [["graph-missing"], (_, all) => void all.graphNames.shift()],
  "a graph is too many": [["graph-unexpected"], (_, all) => void all.graphNames.push("surprise")],
  "the module is not there": [["module-missing"], (_, all) => void (all.versions.module = 0)],
  "a node is missing": [
    ["node-count-differs", "count-contradicts"],
    ({ fingerprint: { nodes } }) => {
      nodes.count = 1;
      Object.assign(nodes.kinds["Entity"] ?? {}, { count: 1 });
    },
  ],
  "content differs": [
    ["node-content-differs"],
    ({ fingerprint }) => void Object.assign(fingerprint.nodes.kinds["Entity"] ?? {}, { sum: otherSum }),
  ],
  "only a bucket differs": [
    ["edge-content-differs"],
    ({ fingerprint }) => void (fingerprint.edges.buckets = [otherSum]),
  ],
  "a label set is unknown": [
    ["node-count-differs"],
    ({ fingerprint }) => {
      fingerprint.nodes.kinds["Alien"] = { count: 1, sum: otherSum, stored: { uuid: { String: 1 } } };
    },
  ],
  "a stored type differs": [
    ["property-type-differs"],
    ({ fingerprint }) =>
      void Object.assign(fingerprint.nodes.kinds["Entity"]?.stored ?? {}, { weight: { Integer: 1 } }),
  ],
  "a property is on no entity any more": [
    ["property-count-differs"],
    ({ fingerprint }) => void Object.assign(fingerprint.nodes.kinds["Entity"]?.stored ?? {}, { weight: {} }),
  ],
  "the engine counts otherwise": [["count-contradicts"], (graph) => void (graph.counted.nodes = 5)],
  "the last bits of a double differ": [["double-differs"], (graph) => void (graph.doubles = {})],
  "vectors cannot be compared": [
    ["vectors-unreadable"],
    ({ vectors: [vector] }) => void Object.assign(vector ?? {}, { error: "dimension mismatch" }),
  ],
  "a vector is missing": [
    ["vector-count-differs"],
    ({ vectors: [vector] }) => void Object.assign(vector ?? {}, { count: 1 }),
  ],
  "bytes of a vector differ": [
    ["vector-bytes-differ"],
    ({ vectors: [vector] }) => void Object.assign(vector ?? {}, { exact: { count: 2, sum: otherSum } }),
  ],
  "a vector lies elsewhere": [
    ["vector-moved"],
    ({ vectors: [vector] }) => void Object.assign(vector ?? {}, { distances: [2 ** 31 + 2 ** 20] }),
  ],
  "a vector moved by less than the sums against the generator show": [
    ["vector-differs-from-source"],
    ({ vectors: [vector] }) => void Object.assign(vector ?? {}, { probed: { count: 2, sum: otherSum } }),
  ],
  "an index is missing": [["index-missing"], (_, all) => void (all.indexSets[0] = [])],
  "an index has other stopwords": [
    ["index-stopwords-differ"],
    (_, all) => void Object.assign(all.indexSets[0]?.[0] ?? {}, { stopwords: [] }),
  ],
  "the options of an index are lost": [
    ["index-options-differ"],
    (_, all) => void Object.assign(all.indexSets[0]?.[0] ?? {}, { options: undefined }),
  ],
  "an index has other options": [
    ["index-options-differ"],
    (_, all) => void Object.assign(all.indexSets[0]?.[0] ?? {}, { options: { name: { weight: 3 } } }),
  ],
  "an index is still being built": [
    ["index-not-operational"],
    (graph) => void graph.notOperational.push("NODE Entity: UNDER CONSTRUCTION"),
  ],
  "an index loses rows": [
    ["index-contradicts-scan"],
    ({ indexAnswers: [answer] }) => void Object.assign(answer ?? {}, { index: { count: 0, ids: "0-0" } }),
  ],
  "an index gives other rows": [
    ["index-contradicts-scan"],
    ({ indexAnswers: [answer] }) => void Object.assign(answer ?? {}, { index: { count: 1, ids: "2-4" } }),
  ],
  "full-text misses an entity": [
    ["fulltext-misses"],
    ({ wordAnswers: [answer] }) => void Object.assign(answer ?? {}, { missed: 1 }),
  ],
  "a stopword is found": [
    ["stopword-found"],
    ({ wordAnswers: [answer] }) => {
      if (answer !== undefined) answer.probe = { ...answer.probe, stopword: true };
    },
  ],
  "a constraint is missing": [["constraint-missing"], (graph) => void (graph.constraints = [])],
  "a constraint has failed": [
    ["constraint-not-operational"],
    ({ constraints: [constraint] }) => void Object.assign(constraint ?? {}, { status: "FAILED" }),
  ],
  "a constraint does not hold": [
    ["constraint-not-enforced"],
    ({ constraints: [constraint] }) => void Object.assign(constraint ?? {}, { enforced: false }),
  ],
  "a constraint is too many": [
    ["constraint-unexpected"],
    (graph) =>
      void graph.constraints.push({
        kind: "UNIQUE",
        entity: "NODE",
        label: "Saga",
        properties: ["uuid"],
        status: "OPERATIONAL",
      }),
  ],
  "an invariant is broken": [
    ["invariant-H3"],
    (graph) => void (graph.invariants["H3"] = { checked: 1, violated: 1, samples: ["a"] }),
  ],
  "a search gives another answer": [["search-differs"], ({ searches: [answer] }) => void answer?.rows.pop()],
  "a search fails": [
    ["search-failed"],
    ({ searches: [answer] }) => void Object.assign(answer ?? {}, { error: "no index" }),
  ],
};

describe("each check finds its own errors, and no other check reports any", () => {
  test.each(Object.entries(spoilt))("%s", (_, [codes, change]) => {
    expect(codesOf(change)).toEqual(codes);
  });
});

test("an invariant may be broken as often as the writes break it that the cut tore, and not more often", () => {
  const expectation = structuredClone(sampleExpectation);
  for (const graph of expectation.graphs) graph.brokenInvariants = { H3: 1 };
  const codes = (violated: number): string[] => {
    const observation = madeObservation((graph) => {
      graph.invariants["H3"] = { checked: 2, violated, samples: [] };
    });
    return judgeAll(expectation, observation, source).findings.map(({ code }) => code);
  };
  expect([codes(1), codes(2)]).toEqual([[], ["invariant-H3"]]);
});

test("an invariant that the dataset does not promise may be broken", () => {
  expect(codesOf((graph) => void (graph.invariants["H11"] = { checked: 1, violated: 1, samples: [] }))).toEqual([]);
});

test("rows of equal score may change places, others may not", () => {
  const rows = (graph: GraphObservation, order: [string, string][]): void => {
    const [answer] = graph.searches;
    if (answer !== undefined) answer.rows = order;
  };
  expect(
    codesOf((graph) =>
      rows(graph, [
        ["a", "2"],
        ["c", "1"],
        ["b", "1"],
      ]),
    ),
  ).toEqual([]);
  expect(
    codesOf((graph) =>
      rows(graph, [
        ["b", "2"],
        ["a", "1"],
        ["c", "1"],
      ]),
    ),
  ).toEqual(["search-differs"]);
});

test("another ranking alone is not an error: it depends on index statistics", () => {
  const ranked = structuredClone(sampleExpectation);
  for (const { searches } of ranked.graphs) for (const search of searches) search.ranked = true;
  const found = madeObservation(({ searches: [answer] }) => void answer?.rows.reverse());
  expect(judgeAll(ranked, found, source).findings.map(({ code, severity }) => [code, severity])).toEqual([
    ["search-ranking-differs", "info"],
  ]);
});

test("a source that changed is found, whatever changed", () => {
  const later = madeObservation((graph, all) => {
    all.role = "source";
    graph.fingerprint.nodes.buckets = [otherSum];
    graph.notOperational.push("NODE Entity: UNDER CONSTRUCTION");
  });
  const { findings } = judgeAll(sampleExpectation, later, source);
  expect(findings.filter(({ code }) => code === "source-changed").map(({ evidence }) => evidence["aspect"])).toEqual([
    "fingerprint",
    "notOperational",
  ]);
});

test.each([
  ["that its writers made and that is expected", ["written"], []],
  ["that nobody made", [], ["graphs"]],
])("a running source with a graph %s", (_, expected, aspects) => {
  const [graph] = sampleExpectation.graphs;
  if (graph === undefined) throw new Error("the sample has graphs");
  const graphs = [...sampleExpectation.graphs, ...expected.map((name) => ({ ...graph, name }))];
  const later = madeObservation((each, all) => {
    all.role = "source";
    if (each.name === "main") all.graphNames.push("written");
  });
  const { findings } = judgeAll({ ...sampleExpectation, graphs }, later, source);
  expect(findings.filter(({ code }) => code === "source-changed").map(({ evidence }) => evidence["aspect"])).toEqual(
    aspects,
  );
});

test("of thousands of equal findings, some are reported and the rest counted", () => {
  const found = madeObservation((_, all) => {
    for (let tenant = 0; tenant < 1000; tenant += 1) all.graphNames.push(`tenant ${tenant}`);
  });
  const { findings } = judgeAll(sampleExpectation, found, source);
  expect(findings).toHaveLength(51);
  expect(findings.at(-1)).toMatchObject({ code: "graph-unexpected", severity: "error", evidence: { more: 950 } });
});

const nothing: Omit<GraphObservation, "name"> = {
  fingerprint: { nodes: { count: 0, kinds: {}, buckets: ["0"] }, edges: { count: 0, kinds: {}, buckets: ["0"] } },
  counted: { nodes: 0, edges: 0 },
  indexSet: 0,
  notOperational: [],
  constraints: [],
  doubles: {},
  vectors: [],
  indexAnswers: [],
  wordAnswers: [],
  invariants: {},
  searches: [],
};

describe("total loss is the clearest fail of all", () => {
  const lost = madeObservation((_, all) => {
    all.graphs = [];
    all.graphNames = [];
    all.indexSets = [];
  });
  const emptied = madeObservation((_, all) => {
    all.graphs = all.graphs.map(({ name }) => ({ name, ...structuredClone(nothing) }));
    all.indexSets = [[]];
    all.server = { role: "", keys: { count: 0, items: [] }, functions: {}, graphFunctions: {} };
  });

  test("an engine without any graph", () => {
    const errors = judgeAll(sampleExpectation, lost, source).findings.filter(({ severity }) => severity === "error");
    expect(errors.map(({ code }) => code)).toEqual(["graph-missing", "graph-missing"]);
  });

  test.each(checks.filter(({ name }) => !["graphs", "untouched"].includes(name)))(
    "$name: the graph is there, and all that it held is lost",
    (check) => {
      const { findings } = check.judge({ expectation: sampleExpectation, observation: emptied, baseline: source });
      expect(findings.filter(({ severity }) => severity === "error")).not.toEqual([]);
    },
  );

  test.each(["graphs", "untouched"])("%s: every graph is lost", (name) => {
    const check = checks.find((one) => one.name === name);
    const role = name === "untouched" ? "source" : "target";
    const judged = check?.judge({ expectation: sampleExpectation, observation: { ...lost, role }, baseline: source });
    expect(judged?.findings.filter(({ severity }) => severity === "error")).not.toEqual([]);
  });

  test("leaves no required witness at zero, for all of it was looked for", () => {
    const { witnesses } = judgeAll(sampleExpectation, emptied, source);
    const found = new Set(["indexLookupsWithRows", "indexesUsed", "wordsFound", "invariantsChecked"]);
    const required = requiredWitnesses(sampleExpectation).filter((name) => !found.has(name));
    expect(required.filter((name) => !witnesses[name])).toEqual([]);
  });
});
