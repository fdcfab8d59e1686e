import { describe, expect, test } from "vitest";
import type { EdgeRecord, NodeRecord, Properties } from "../../../generators/model.ts";
import { InvariantScan } from "./invariant-scan.ts";
import { edge, feed, node } from "../testing/sample-graph.ts";

const at = (second: number): string => `2026-01-01T00:00:0${second}.000000+00:00`;
const common = (uuid: string, second: number, rest: Properties = {}): Properties => ({
  uuid,
  group_id: "g",
  created_at: at(second),
  ...rest,
});

const vector = Float32Array.of(1, 2);
const nodes: readonly NodeRecord[] = [
  node(0, "Episodic", common("ep1", 1, { entity_edges: ["f1"] })),
  node(1, "Episodic", common("ep2", 2, { entity_edges: [] })),
  node(2, ["Entity", "Person"], common("en1", 1, { name_embedding: vector, labels: ["Person", "Entity"] })),
  node(3, "Entity", common("en2", 1, { name_embedding: vector })),
  node(4, "Saga", common("sa", 1)),
  node(5, "Community", common("co", 1)),
];
const fact = common("f1", 1, {
  source_node_uuid: "en1",
  target_node_uuid: "en2",
  episodes: ["ep1", "ep2"],
  invalid_at: at(3),
  expired_at: at(4),
});
const edges: readonly EdgeRecord[] = [
  edge("MENTIONS", 0, 2, common("m1", 1)),
  edge("RELATES_TO", 2, 3, fact),
  edge("HAS_MEMBER", 5, 2, common("hm", 5)),
  edge("HAS_EPISODE", 4, 0, common("he1", 1)),
  edge("HAS_EPISODE", 4, 1, common("he2", 2)),
  edge("NEXT_EPISODE", 0, 1, common("ne", 2)),
];

function violated(changedNodes: readonly NodeRecord[], changedEdges: readonly EdgeRecord[]): string[] {
  const scans: InvariantScan[] = [];
  feed(changedNodes, changedEdges, (fingerprint) => {
    const scan = new InvariantScan(fingerprint);
    scans.push(scan);
    return scan;
  });
  const results = scans.flatMap((scan) => Object.entries(scan.result()));
  return results.filter(([, tally]) => tally.violated > 0).map(([name]) => name);
}

const withNode = (id: number, properties: Properties): NodeRecord[] =>
  nodes.map((record) => (record.id === id ? { ...record, properties } : record));
const withFact = (change: Properties): EdgeRecord[] =>
  edges.with(
    1,
    edge(
      "RELATES_TO",
      2,
      3,
      Object.fromEntries(Object.entries({ ...fact, ...change }).filter(([, value]) => value !== "")),
    ),
  );

test("a graph as Graphiti writes it breaks nothing, and everything was looked at", () => {
  expect(violated(nodes, edges)).toEqual([]);
});

const broken: Record<string, [string[], () => string[]]> = {
  "a uuid twice in one label": [["H1"], () => violated([...nodes, node(6, "Entity", common("en1", 1))], edges)],
  "no uuid": [["H1"], () => violated([...nodes, node(6, "Entity", { group_id: "g", created_at: at(1) })], edges)],
  "no created_at": [["H2"], () => violated(withNode(5, { uuid: "co", group_id: "g" }), edges)],
  "an edge of another group than its ends": [["H2"], () => violated(nodes, withFact({ group_id: "other" }))],
  "expired and not invalid": [["H3"], () => violated(nodes, withFact({ invalid_at: "" }))],
  "expired before it was created": [["H5"], () => violated(nodes, withFact({ expired_at: at(0) }))],
  "created before its episode": [["H5"], () => violated(nodes, withFact({ created_at: at(0) }))],
  "a mention of another time": [["H6"], () => violated(nodes, edges.with(0, edge("MENTIONS", 0, 2, common("m1", 9))))],
  "a mention the wrong way round": [
    ["H7"],
    () => violated(nodes, edges.with(0, edge("MENTIONS", 2, 1, common("m1", 1)))),
  ],
  "ends by other names": [["H7"], () => violated(nodes, withFact({ target_node_uuid: "en1" }))],
  "labels that are not the labels": [
    ["H8"],
    () => violated(withNode(2, common("en1", 1, { name_embedding: vector, labels: ["Entity"] })), edges),
  ],
  "a list for a vector": [["H9"], () => violated(withNode(3, common("en2", 1, { name_embedding: [1, 2] })), edges)],
  "an episode that is not there": [["H10"], () => violated(nodes, withFact({ episodes: ["ep1", "gone"] }))],
  "a fact that its episode does not list": [
    ["H11"],
    () => violated(withNode(0, common("ep1", 1, { entity_edges: ["other"] })), edges),
  ],
  "an episode outside the saga of the one before": [["saga"], () => violated(nodes, edges.toSpliced(4, 1))],
};

describe("each invariant is found broken, alone", () => {
  test.each(Object.entries(broken))("%s", (_, [names, violated]) => {
    expect(violated().toSorted()).toEqual(names);
  });
});

const soft: Record<string, () => string[]> = {
  "S1 an episode lists facts of others": () =>
    violated(withNode(1, common("ep2", 2, { entity_edges: ["f1", "f1"] })), edges),
  "S2 an episode lists nothing": () => violated(withNode(0, common("ep1", 1, { entity_edges: [] })), edges),
  "S3 a listed fact is gone": () => violated(withNode(0, common("ep1", 1, { entity_edges: ["f1", "gone"] })), edges),
  "S4 a fact repeats an episode": () => violated(nodes, withFact({ episodes: ["ep1", "ep1"] })),
  "S6 a mention twice": () => violated(nodes, [...edges, edge("MENTIONS", 0, 2, common("m2", 1))]),
  "S7 a self-loop": () => violated(nodes, [...edges, edge("RELATES_TO", 2, 2, common("f2", 1, { episodes: [] }))]),
  "S12 naive times": () => violated(nodes, withFact({ created_at: "2025-01-01T00:00:00.5" })),
};

describe("soft oddities stay silent", () => {
  test.each(Object.entries(soft))("%s", (_, violated) => {
    expect(violated()).toEqual([]);
  });
});
