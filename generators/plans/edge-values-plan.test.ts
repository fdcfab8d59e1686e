import { expect, test } from "vitest";
import { edgeCases } from "./edge-cases.ts";
import { EdgeValuesPlan } from "./edge-values-plan.ts";
import { CypherValue, type Value } from "../model.ts";
import { dataset } from "../dataset.ts";

const plan = new EdgeValuesPlan(1000, 1);
const nodes = [...plan.nodes()];
const edges = [...plan.edges()];

test("every case is on a node and, but for the megabytes, on an edge", () => {
  const names = (
    records: readonly { readonly properties: Readonly<Record<string, Value>> }[],
  ): Set<Value | undefined> => new Set(records.map(({ properties }) => properties["kind"]));
  const all = edgeCases.map(({ name }) => name);
  expect(all.filter((name) => !names(nodes).has(name))).toEqual([]);
  const missing = all.filter((name) => !names(edges).has(name));
  expect(missing.every((name) => name.startsWith("text:string-"))).toBe(true);
});

test("counts are exact, and every uuid is unique", () => {
  expect({ nodes: nodes.length, edges: edges.length }).toEqual(plan.counts);
  const uuids = new Set([...nodes, ...edges].map(({ properties }) => properties["uuid"]));
  expect(uuids.size).toBe(nodes.length + edges.length);
});

test("texts are well-formed, without NUL, from every plane, and none has the length that kills the loader", () => {
  const texts = edgeCases.flatMap(({ value }) => (typeof value === "string" ? [value] : []));
  const planes = new Set(
    texts.flatMap((text) => Array.from(text, (character) => (character.codePointAt(0) ?? 0) >> 16)),
  );
  expect([...planes].sort((a, b) => a - b)).toEqual(Array.from({ length: 17 }, (_, plane) => plane));
  for (const text of texts) {
    expect(text.isWellFormed()).toBe(true);
    expect(text).not.toContain("\0");
    const stored = Buffer.byteLength(text) + 1;
    expect(stored >= 255_993 && stored <= 256_000).toBe(false);
  }
  expect(texts.filter((text) => Buffer.byteLength(text) === 2 ** 20)).toHaveLength(2);
  const lengths = texts.map((text) => Buffer.byteLength(text) + 1);
  expect(lengths).toContain(255_992);
  expect(lengths).toContain(256_001);
});

test("a kind of its own for each case, so that what only Cypher can write finds its place", () => {
  expect(new Set(edgeCases.map(({ name }) => name)).size).toBe(edgeCases.length);
  const cypher = edgeCases.filter(({ value }) => value instanceof CypherValue);
  for (const { name } of cypher) expect(plan.afterLoad.filter((query) => query.includes(`'${name}'`))).toHaveLength(2);
});

test("vectors are exact float32 values", () => {
  const numbers = edgeCases.flatMap(({ value }) => (value instanceof Float32Array ? Array.from(value) : []));
  expect(numbers.map(Math.fround)).toEqual(numbers);
});

test("nodes of one label set are contiguous, those that become holes in the middle and without edges", () => {
  const sets = nodes.map(({ labels }) => labels.join(":"));
  const runs = sets.filter((set, k) => set !== sets[k - 1]);
  expect(runs).toEqual(["Value", "Value:Second", "Value:Hole", "Value:Second:Third"]);
  const holes = new Set(nodes.flatMap(({ id, labels }) => (labels.includes("Hole") ? [id] : [])));
  expect(edges.some(({ source, target }) => holes.has(source) || holes.has(target))).toBe(false);
});

test("self-loops and parallel edges", () => {
  expect(edges.filter(({ type }) => type === "SELF").every(({ source, target }) => source === target)).toBe(true);
  const pairs = new Set(
    edges.flatMap(({ type, source, target }) => (type === "PARALLEL" ? [`${source} ${target}`] : [])),
  );
  expect(edges.filter(({ type }) => type === "PARALLEL").length).toBe(pairs.size * 3);
});

test("larger datasets include graphs adjacent to the sizes that cannot be loaded", () => {
  const graphs = [
    ...dataset({
      seed: 1,
      nodes: 10_000,
      shape: "personal",
      variant: "edge-values",
      dims: 0,
      schema: "post1856",
    }).graphs(),
  ];
  const counts = graphs.slice(2).map(({ counts: { nodes: n, edges: e } }) => (e === 0 ? n : e));
  expect(counts).toEqual([63_998, 64_001, 31_999, 32_001]);
  for (const graph of graphs.slice(4)) {
    const pairs = new Set([...graph.edges()].map(({ source, target }) => `${source} ${target}`));
    expect(pairs.size).toBe(graph.counts.edges);
  }
});
