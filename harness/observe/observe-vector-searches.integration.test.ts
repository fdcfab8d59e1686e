// Vector indexes of a real engine: what each finds before and after a load, rebuilt with poor options, and with vectors
// that were written over.
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { dataset } from "../../generators/dataset.ts";
import { expectedContent } from "../check/expect/expected.ts";
import { judgeAll, requiredWitnesses } from "../check/judge.ts";
import type { Expectation, Observation, VectorSearch } from "../check/observation.ts";
import { embeddedEngines } from "../engine/embedded.ts";
import type { Engine } from "../engine/engine.ts";
import { loadDespiteStall } from "../engine/stall-watch.ts";
import { connect } from "../falkordb/client/connection.ts";
import { loadedEngine } from "../falkordb/testing/loaded-engine.ts";
import { observe } from "./observe.ts";

const content = dataset({
  seed: 7,
  nodes: 100,
  shape: "personal",
  variant: "edge-values",
  dims: 8,
  schema: "post1856",
});
const graph = "every-index";
const engines = new AsyncDisposableStack();
let target: Engine;
let expectation: Expectation;
let before: Observation;

beforeAll(async () => {
  const source = engines.use(await loadedEngine("source", content));
  expectation = await expectedContent(content);
  before = await observe(source, expectation, { role: "source", dataset: content });
  await using connection = await connect(source.endpoint);
  await connection.command("SAVE");
  const rdb = join(source.dataDir ?? "", "dump.rdb");
  target = engines.use(await loadDespiteStall(() => embeddedEngines().start({ name: "target", rdb })));
});

afterAll(() => engines.disposeAsync());

const searchesOf = ({ graphs }: Observation): readonly VectorSearch[] =>
  graphs.find(({ name }) => name === graph)?.vectorSearches ?? [];

it("asks every vector index as often on the source and after a load, which finds as much", async () => {
  const after = await observe(target, expectation, { role: "target", dataset: content });
  expect(searchesOf(before).map(({ entity, found }) => [entity, found.length])).toEqual([
    ["NODE", 32],
    ["RELATIONSHIP", 32],
  ]);
  expect(searchesOf(after)).toEqual(searchesOf(before));
  expect(new Set(searchesOf(before).flatMap(({ found }) => found))).toEqual(new Set([10]));
  const { findings, witnesses } = judgeAll(expectation, after, before);
  expect(findings.filter(({ code }) => code === "vector-recall-worse")).toEqual([]);
  expect(witnesses).toMatchObject({ vectorSearchesAsked: 64, vectorSearchesCompared: 64 });
  expect(requiredWitnesses(expectation)).toContain("vectorSearchesAsked");
});

it.each<[string, string, readonly string[]]>([
  [
    "vectors that were written over, which options and content do not show",
    "every-index/[WROTE].embedding",
    ["MATCH ()-[e:WROTE]->() WITH e, e.embedding AS vector SET e.embedding = null SET e.embedding = vector"],
  ],
  [
    "an index with few links",
    "every-index/Document.embedding",
    [
      "DROP VECTOR INDEX FOR (e:Document) ON (e.embedding)",
      "CREATE VECTOR INDEX FOR (e:Document) ON (e.embedding) OPTIONS {dimension: 8, similarityFunction: 'cosine', M: 2, efConstruction: 1, efRuntime: 1}",
    ],
  ],
  ["an index that is gone", "every-index/Document.embedding", ["DROP VECTOR INDEX FOR (e:Document) ON (e.embedding)"]],
])("finds %s", async (_, subject, queries) => {
  await using connection = await connect(target.endpoint);
  for (const query of queries) await connection.query(graph, query);
  await target.ready("operational");
  const after = await observe(target, expectation, { role: "target", dataset: content });
  const found = judgeAll(expectation, after, before).findings.filter(({ code }) => code === "vector-recall-worse");
  expect(found.map((finding) => finding.subject)).toContain(subject);
  const named = found.find((finding) => finding.subject === subject);
  expect(named?.evidence).toMatchObject({ source: 1, probes: 32 });
  expect(Number(named?.evidence["target"])).toBeLessThan(0.8);
});
