import { expect, test } from "vitest";
import type { EdgeRecord, NodeRecord } from "../../../generators/model.ts";
import { Capture, type Captured, chooseBuckets, inBuckets } from "./capture.ts";
import { describeDifference, pairDifferences, type Show } from "./locate.ts";
import { edge, feed, node } from "../testing/sample-graph.ts";
import type { Difference } from "../observation.ts";

const nodes: readonly NodeRecord[] = Array.from({ length: 12 }, (_, id) =>
  node(id, "Entity", { uuid: `n${id}`, name: `node ${id}`, rank: id }),
);
const edges: readonly EdgeRecord[] = Array.from({ length: 12 }, (_, at) =>
  edge("KNOWS", at, (at + 1) % 12, { uuid: `e${at}`, fact: `fact ${at}` }),
);

async function differences(
  actualNodes: readonly NodeRecord[],
  actualEdges: readonly EdgeRecord[],
  wantedNodes: readonly NodeRecord[] = nodes,
  wantedEdges: readonly EdgeRecord[] = edges,
): Promise<{ found: Difference[]; captured: number }> {
  const choice = chooseBuckets(feed(wantedNodes, wantedEdges).result(), feed(actualNodes, actualEdges).result());
  const capture = (ofNodes: readonly NodeRecord[], ofEdges: readonly EdgeRecord[]): Captured[] => {
    const captures: Capture[] = [];
    feed(ofNodes, ofEdges, (fingerprint) => {
      const capture = new Capture(fingerprint, inBuckets(fingerprint, choice));
      captures.push(capture);
      return {
        node: (row, id, kind) => void capture.node(row, id, kind),
        edge: (row, ids, kind) => void capture.edge(row, ids, kind),
      };
    });
    return captures.flatMap(({ entities }) => entities);
  };
  const [expected, actual] = [capture(wantedNodes, wantedEdges), capture(actualNodes, actualEdges)];
  const show: Show = (captured, name) => Promise.resolve(`${captured.ids.slice(0, 2).join("-")} ${name}`);
  const pairs = pairDifferences(expected, actual);
  const found = await Promise.all(pairs.map((pair) => describeDifference(pair, show, show)));
  return { found, captured: expected.length };
}

test("nothing where nothing differs", async () => {
  expect(await differences(nodes.toReversed(), edges)).toEqual({ found: [], captured: 0 });
});

test("a changed property, with both values and their types", async () => {
  const changed = nodes.with(5, node(5, "Entity", { uuid: "n5", name: "node 5", rank: "5" }));
  const { found, captured } = await differences(changed, edges);
  expect(found).toEqual([
    {
      kind: "changed",
      entity: "node",
      label: "Entity",
      key: "n5",
      properties: [{ name: "rank", expected: { type: "Integer", text: "5" }, actual: { type: "String", text: "5" } }],
    },
  ]);
  expect(captured).toBeLessThan(12);
});

test("of long values what differs is shown, both from the same place on", async () => {
  const long = "a".repeat(500);
  const withText = (letter: string): NodeRecord[] => [
    node(0, "Entity", { uuid: "n", text: `${long}${letter}${long}` }),
  ];
  const { found } = await differences(withText("c"), [], withText("b"), []);
  const around = (letter: string): string => `…${"a".repeat(60)}${letter}${"a".repeat(239)}… (1001 characters)`;
  expect(found[0]?.properties).toEqual([
    {
      name: "text",
      expected: { type: "String", text: around("b") },
      actual: { type: "String", text: around("c") },
    },
  ]);
});

test("a lost and a new property are null on the other side", async () => {
  const changed = nodes.with(5, node(5, "Entity", { uuid: "n5", name: "node 5", other: 5 }));
  const { found } = await differences(changed, edges);
  expect(found[0]?.properties).toEqual([
    { name: "rank", expected: { type: "Integer", text: "5" }, actual: null },
    { name: "other", expected: null, actual: { type: "Integer", text: "5" } },
  ]);
});

test("missing, extra, relabelled", async () => {
  const missing = await differences(nodes, edges.slice(1));
  expect(missing.found).toMatchObject([{ kind: "missing", entity: "edge", label: "KNOWS", key: "e0" }]);
  const extra = await differences([...nodes, node(12, "Saga", { uuid: "s" })], edges);
  expect(extra.found).toMatchObject([{ kind: "extra", entity: "node", label: "Saga", key: "s" }]);
  const relabelled = await differences(
    nodes.with(3, { ...node(3, [], {}), properties: nodes[3]?.properties ?? {} }),
    edges,
  );
  expect(relabelled.found[0]?.properties).toMatchObject([{ name: "(labels)", expected: { text: "Entity" } }]);
});

test("an edge pointed elsewhere names its old and its new end", async () => {
  const { found } = await differences(nodes, edges.with(2, edge("KNOWS", 2, 7, { uuid: "e2", fact: "fact 2" })));
  expect(found).toMatchObject([
    {
      kind: "changed",
      key: "e2",
      properties: [{ name: "(target)", expected: { text: "2-3 (target)" }, actual: { text: "2-7 (target)" } }],
    },
  ]);
});

test("of several equal edges without a uuid, the missing ones are counted", async () => {
  const twins = [...edges, edge("TWIN", 0, 1, {}), edge("TWIN", 0, 1, {})];
  const { found } = await differences(nodes, twins);
  expect(found.map(({ kind, label }) => [kind, label])).toEqual([
    ["extra", "TWIN"],
    ["extra", "TWIN"],
  ]);
});
