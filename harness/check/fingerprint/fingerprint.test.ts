import { describe, expect, test } from "vitest";
import { Double, type EdgeRecord, type NodeRecord } from "../../../generators/model.ts";
import { edge, feed, node } from "../testing/sample-graph.ts";

const nodes: readonly NodeRecord[] = [
  node(0, ["Entity", "Person"], { uuid: "a", name: "Ann", tags: ["x", "y"], age: 3 }),
  node(1, "Entity", { uuid: "b", name: "Bob" }),
  node(2, "Entity", { name: "without uuid" }),
];
const edges: readonly EdgeRecord[] = [
  edge("KNOWS", 0, 1, { uuid: "e", since: new Double(1) }),
  edge("KNOWS", 0, 1, { since: 1 }),
  edge("KNOWS", 0, 1, { since: 1 }),
  edge("SELF", 2, 2, {}),
];

function print(nodes_: readonly NodeRecord[] = nodes, edges_: readonly EdgeRecord[] = edges): string {
  return JSON.stringify(feed(nodes_, edges_).result());
}

test("does not depend on ids, on the order of entities, labels and properties", () => {
  const renumber = [7, 3, 5];
  const moved = nodes.map(({ id, labels, properties }) => ({
    id: renumber[id] ?? 0,
    labels: labels.toReversed(),
    properties: Object.fromEntries(Object.entries(properties).toReversed()),
  }));
  const others = edges.map((record) => ({
    ...record,
    source: renumber[record.source] ?? 0,
    target: renumber[record.target] ?? 0,
  }));
  expect(print(moved.toReversed(), others.toReversed())).toBe(print());
});

const withNode = (id: number, change: Partial<NodeRecord>): NodeRecord[] =>
  nodes.map((record) => (record.id === id ? { ...record, ...change } : record));
const withEdge = (at: number, change: Partial<EdgeRecord>): EdgeRecord[] =>
  edges.map((record, index) => (index === at ? { ...record, ...change } : record));

const changes: Record<string, () => string> = {
  "a value": () => print(withNode(1, { properties: { uuid: "b", name: "Bab" } })),
  "a value moved to another property": () => print(withNode(1, { properties: { uuid: "b", title: "Bob" } })),
  "two values swapped within an entity": () => print(withNode(1, { properties: { uuid: "Bob", name: "b" } })),
  "a property lost": () => print(withNode(1, { properties: { uuid: "b" } })),
  "a property more": () => print(withNode(1, { properties: { uuid: "b", name: "Bob", x: "" } })),
  "a list in another order": () => print(withNode(0, { properties: { ...nodes[0]?.properties, tags: ["y", "x"] } })),
  "a list split otherwise": () => print(withNode(0, { properties: { ...nodes[0]?.properties, tags: ["xy"] } })),
  "1 and 1.0": () => print(withNode(0, { properties: { ...nodes[0]?.properties, age: new Double(3) } })),
  '1 and "1"': () => print(withNode(0, { properties: { ...nodes[0]?.properties, age: "3" } })),
  "a label lost": () => print(withNode(0, { labels: ["Entity"] })),
  "a node lost": () => print(nodes.slice(0, 2), edges.slice(0, 3)),
  "an edge lost": () => print(nodes, edges.slice(1)),
  "one of two equal edges lost": () => print(nodes, edges.toSpliced(2, 1)),
  "an edge doubled": () => print(nodes, [...edges, edge("KNOWS", 0, 1, { since: 1 })]),
  "an edge turned round": () => print(nodes, withEdge(0, { source: 1, target: 0 })),
  "an edge pointed elsewhere": () => print(nodes, withEdge(0, { target: 2 })),
  "a self-loop opened": () => print(nodes, withEdge(3, { target: 1 })),
  "another type": () => print(nodes, withEdge(3, { type: "OTHER" })),
};

describe("every change shows", () => {
  test.each(Object.entries(changes))("%s", (_, changed) => {
    expect(changed()).not.toBe(print());
  });
  test("and no two of them alike", () => {
    expect(new Set(Object.values(changes).map((changed) => changed())).size).toBe(Object.keys(changes).length);
  });
});

test("values swapped between two nodes do not cancel out", () => {
  const swapped = nodes.map((record) =>
    record.id === 2
      ? record
      : { ...record, properties: { ...record.properties, name: record.id === 0 ? "Bob" : "Ann" } },
  );
  expect(print(swapped)).not.toBe(print());
});

test("counts what is stored, by type", () => {
  const { nodes: side } = feed(nodes, edges).result();
  expect(side.kinds["Entity:Person"]?.stored).toEqual({
    age: { Integer: 1 },
    name: { String: 1 },
    tags: { List: 1 },
    uuid: { String: 1 },
  });
});
