import { describe, expect, it } from "vitest";
import { compareDigests } from "./compare-digests.ts";
import type { GraphDigest } from "./graph-digest.ts";
import type { ServerDigest } from "./server-digest.ts";

const graph: GraphDigest = {
  name: "g",
  database: 0,
  labels: ["A", "B"],
  types: ["R"],
  propertyKeys: ["x", "y"],
  indexes: [{ entity: "NODE", label: "A", fields: { x: ["RANGE"] }, stopwords: [], language: "" }],
  constraints: [],
  nodes: { count: 30_000, sums: ["a", "b"] },
  edges: { count: 5, sums: ["c", "d"] },
};
const server = (...graphs: GraphDigest[]): ServerDigest => ({ graphs, udfLibraries: ["lib"] });
const changed = (change: Partial<GraphDigest>): ServerDigest => server({ ...graph, ...change });

describe("two digests", () => {
  it("are the same without a word", () => {
    expect(compareDigests(server(graph), server(structuredClone(graph)))).toEqual([]);
  });

  it.each([
    ["a lost graph", server(), 'graph "g" is missing in the copy'],
    ["a graph too many", server(graph, { ...graph, database: 2 }), 'graph "g" of database 2 is in the copy and not'],
    ["a label with another number", changed({ labels: ["B", "A"] }), 'number 0 is "B" instead of "A"'],
    ["a label too many", changed({ labels: ["A", "B", "C"] }), 'number 2 is "C" instead of nothing'],
    ["a lost type", changed({ types: [] }), 'number 0 is nothing instead of "R"'],
    ["another property key", changed({ propertyKeys: ["x", "z"] }), 'number 1 is "z" instead of "y"'],
    ["a lost index", changed({ indexes: [] }), 'graph "g" lacks the index'],
    [
      "a constraint too many",
      changed({ constraints: [{ kind: "UNIQUE", entity: "NODE", label: "A", properties: ["x"] }] }),
      "has the constraint",
    ],
    [
      "another node",
      changed({ nodes: { count: 30_000, sums: ["a", "z"] } }),
      'graph "g" has other nodes: in 1 of 2 parts, the first are those with ids from 20000 to 39999',
    ],
    ["a lost edge", changed({ edges: { count: 4, sums: ["z", "d"] } }), "other edges, 4 instead of 5: in 1 of 2 parts"],
    ["another library", { ...server(graph), udfLibraries: [] }, "GRAPH.UDF LIST"],
  ])("differ by %s", (_, found, sentence) => {
    const sentences = compareDigests(server(graph), found);
    expect(sentences).toEqual([expect.stringContaining(sentence)]);
  });

  it("are reported in at most twenty sentences and a number", () => {
    const many = Array.from({ length: 30 }, (_, number) => ({ ...graph, name: `g-${number}` }));
    expect(compareDigests(server(...many), server())).toHaveLength(21);
  });
});
