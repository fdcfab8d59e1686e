// What survived mutants of the checks: how much was compared, and small changes that only one comparison sees.
import { expect, it } from "vitest";
import { judgeAll } from "../judge.ts";
import type { GraphObservation, Observation } from "../observation.ts";
import { madeObservation, otherSum, sampleExpectation } from "../testing/sample-observation.ts";

type Writable<T> = T extends object ? { -readonly [Key in keyof T]: Writable<T[Key]> } : T;
type Change = (graph: Writable<GraphObservation>, all: Writable<Observation>) => void;

const made = (change: Change = () => {}): Observation => madeObservation((graph, all) => change(graph, all));
const asSource =
  (change: Change = () => {}): Change =>
  (graph, all) => {
    all.role = "source";
    change(graph, all);
  };
const source = made(asSource());
const codes = (change: Change): string[] =>
  judgeAll(sampleExpectation, made(change), source).findings.map(({ code, subject }) => `${code} ${subject}`);

it("counts what was compared, and as much for a target that lost it", () => {
  const { findings, witnesses } = judgeAll(sampleExpectation, made(), source);
  expect(findings.filter(({ severity }) => severity === "error")).toEqual([]);
  expect(witnesses).toMatchObject({
    nodesCompared: 2,
    edgesCompared: 1,
    propertiesCompared: 4,
    indexesCompared: 2,
    doublesCompared: 1,
    constraintsCompared: 1,
    violationsAttempted: 1,
    vectorsProbed: 2,
    vectorsComparedByBytes: 2,
    indexLookups: 2,
    indexLookupsWithRows: 2,
    indexesUsed: 2,
    wordLookups: 2,
    invariantsChecked: 4,
    searchRows: 6,
    searchesCompared: 2,
    functionsCompared: 2,
    otherKeysCompared: 1,
  });
  const lost = judgeAll(
    sampleExpectation,
    made((graph) => (graph.counted = { nodes: 0, edges: 0 })),
    source,
  );
  expect(lost.witnesses).toMatchObject({ nodesCompared: 2, edgesCompared: 1 });
});

it.each<[string, Change, string]>([
  [
    "an engine that counts another number of edges",
    (graph) => (graph.counted = { nodes: 2, edges: 2 }),
    "count-contradicts main",
  ],
  [
    "doubles of another sum",
    (graph) => (graph.doubles = { "NODE.weight": { count: 1, sum: otherSum } }),
    "double-differs",
  ],
  [
    "fewer doubles of the same sum",
    (graph) => (graph.doubles = { "NODE.weight": { count: 0, sum: graph.doubles["NODE.weight"]?.sum ?? "" } }),
    "double-differs",
  ],
])("finds %s", (_, change, found) => {
  expect(codes(change).join("\n")).toContain(found);
});

it.each<[string, Change]>([
  ["has lost a graph", (_, all) => void all.graphs.pop()],
  ["lists another graph", (_, all) => void all.graphNames.push("new")],
  ["has other indexes", (_, all) => (all.indexSets = [[]])],
  ["counts another node", (graph) => (graph.counted.nodes += 1)],
])("finds a source that %s after the restore", (_, change) => {
  const after = made(asSource(change));
  const found = judgeAll(sampleExpectation, after, source).findings.map(({ code }) => code);
  expect(found).toContain("source-changed");
});
