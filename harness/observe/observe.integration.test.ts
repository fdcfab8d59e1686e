// The checks against a real engine: silent on what was loaded and on what came back from a dump, and loud on every
// single change. Each mutation is made on a fresh copy of the restored engine's data, or undone before the next one.
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { dataset } from "../../generators/dataset.ts";
import type { Dataset } from "../../generators/model.ts";
import type { Judgement } from "../check/check.ts";
import { judgeAll, requiredWitnesses } from "../check/judge.ts";
import { expectedContent } from "../check/expect/expected.ts";
import { expectationSchema, observationSchema } from "../check/observation-schema.ts";
import type { Expectation, Observation } from "../check/observation.ts";
import { embeddedEngines } from "../engine/embedded.ts";
import type { Engine } from "../engine/engine.ts";
import { loadDespiteStall } from "../engine/stall-watch.ts";
import { connect } from "../falkordb/client/connection.ts";
import { loadDataset } from "../falkordb/load/load.ts";
import { observe } from "./observe.ts";

const content: Dataset = dataset({
  seed: 7,
  nodes: 600,
  shape: "team",
  variant: "clean",
  dims: 16,
  schema: "pre1856",
});

let source: Engine;
let target: Engine;
let expectation: Expectation;
let before: Observation;

beforeAll(async () => {
  source = await embeddedEngines().start({ name: "source" });
  await loadDataset(source.endpoint, content);
  expectation = await expectedContent(content);
  before = await observe(source, expectation, { role: "source", dataset: content });
  await using connection = await connect(source.endpoint);
  await connection.command("SAVE");
  const rdb = join(source.dataDir ?? "", "dump.rdb");
  target = await loadDespiteStall(() => embeddedEngines().start({ name: "target", rdb }));
});

afterAll(async () => {
  await source[Symbol.asyncDispose]();
  await target[Symbol.asyncDispose]();
});

async function judgeTarget(): Promise<Judgement> {
  return judgeAll(expectation, await observe(target, expectation, { role: "target", dataset: content }), before);
}

function codes(judgement: Judgement): string[] {
  return [...new Set(judgement.findings.filter(({ severity }) => severity === "error").map(({ code }) => code))];
}

test("source and restored target agree with the generator, and every witness has seen work", async () => {
  const own = judgeAll(expectation, before);
  expect(own.findings.filter(({ severity }) => severity === "error")).toEqual([]);
  expect(errorsOf(own)).toEqual([]);
  expect(requiredWitnesses(expectation).filter((name) => !own.witnesses[name])).toEqual([]);
  const restored = await judgeTarget();
  expect(restored.findings.filter(({ severity }) => severity !== "info")).toEqual([]);
  expect(errorsOf(restored)).toEqual([]);
  const required = [...requiredWitnesses(expectation), "searchesCompared"];
  expect(required.filter((name) => !restored.witnesses[name])).toEqual([]);
});

test("what was expected and observed survives the way through JSON", () => {
  const copy = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
  expect(expectationSchema.parse(copy(expectation))).toEqual(expectation);
  expect(observationSchema.parse(copy(before))).toEqual(before);
});

const graph = "sales_emea";
const anEntity = "MATCH (n:Entity) WHERE n.name_embedding IS NOT NULL WITH n ORDER BY n.uuid LIMIT 1";
const aFact = "MATCH (a)-[r:RELATES_TO]->(b) WITH a, r, b ORDER BY r.uuid LIMIT 1";
const copyOfFact = "CREATE (a)-[x:RELATES_TO]->(b) SET x = properties(r), x.fact_embedding = r.fact_embedding";

interface Mutation {
  readonly title: string;
  readonly queries?: readonly string[];
  readonly commands?: readonly (readonly [string, ...string[]])[];
  readonly expects: readonly string[];
}

const mutations: readonly Mutation[] = [
  {
    title: "one property changed",
    queries: [`${anEntity} SET n.summary = n.summary + ' '`],
    expects: ["node-changed"],
  },
  {
    title: "one property removed",
    queries: [`${anEntity} SET n.created_at = NULL`],
    expects: ["node-changed", "invariant-H2"],
  },
  {
    title: "a property added",
    queries: [`${anEntity} SET n.pagerank = 0.5`],
    expects: ["node-changed", "property-count-differs"],
  },
  {
    title: "text in place of a number",
    queries: ["MATCH (n) WHERE typeof(n.weight) = 'Float' WITH n LIMIT 1 SET n.weight = tojson(n.weight)"],
    expects: ["node-changed", "property-type-differs", "double-differs"],
  },
  {
    title: "the last bit of a double",
    queries: [
      "MATCH ()-[r]->() WHERE typeof(r.confidence) = 'Float' AND r.confidence > 0.25 WITH r LIMIT 1 SET r.confidence = r.confidence + 0.00000000000000006",
    ],
    expects: ["double-differs"],
  },
  {
    title: "a whole double becomes an integer",
    queries: ["MATCH (n) WHERE typeof(n.rating) = 'Float' WITH n LIMIT 1 SET n.rating = toInteger(n.rating)"],
    expects: ["node-changed", "property-type-differs"],
  },
  { title: "uuid changed", queries: [`${anEntity} SET n.uuid = 'x'`], expects: ["node-missing", "node-extra"] },
  {
    title: "a node dropped",
    queries: ["MATCH (n:Episodic)-[:MENTIONS]->() WITH n ORDER BY n.uuid LIMIT 1 DETACH DELETE n"],
    expects: ["node-missing", "edge-missing", "node-count-differs"],
  },
  {
    title: "a node added",
    queries: ["CREATE (:Entity {uuid: 'new', name: 'new'})"],
    expects: ["node-extra", "node-count-differs"],
  },
  { title: "an edge dropped", queries: [`${aFact} DELETE r`], expects: ["edge-missing", "edge-count-differs"] },
  {
    title: "an edge doubled",
    queries: [`${aFact} ${copyOfFact}`],
    expects: ["edge-extra", "edge-count-differs", "invariant-H1"],
  },
  {
    title: "an edge turned round",
    queries: [
      `MATCH (a)-[r:RELATES_TO]->(b) WHERE a.uuid <> b.uuid WITH a, r, b ORDER BY r.uuid LIMIT 1 CREATE (b)-[x:RELATES_TO]->(a) SET x = properties(r), x.fact_embedding = r.fact_embedding DELETE r`,
    ],
    expects: ["edge-changed", "invariant-H7"],
  },
  {
    title: "an edge pointed at another node",
    queries: [
      `${aFact} MATCH (c:Entity) WHERE c.uuid <> b.uuid WITH a, r, c ORDER BY c.uuid LIMIT 1 CREATE (a)-[x:RELATES_TO]->(c) SET x = properties(r), x.fact_embedding = r.fact_embedding DELETE r`,
    ],
    expects: ["edge-changed", "invariant-H7"],
  },
  {
    title: "an edge of another type",
    queries: [
      "MATCH (a)-[r:MENTIONS]->(b) WITH a, r, b ORDER BY r.uuid LIMIT 1 CREATE (a)-[x:RELATES_TO]->(b) SET x = properties(r) DELETE r",
    ],
    expects: ["edge-changed", "edge-count-differs", "invariant-H7"],
  },
  {
    title: "a label lost",
    queries: ["MATCH (n:Person) WITH n LIMIT 1 REMOVE n:Person"],
    expects: ["node-changed", "node-count-differs", "invariant-H8"],
  },
  {
    title: "labels swapped",
    queries: ["MATCH (n:Community) WITH n LIMIT 1 REMOVE n:Community SET n:Saga"],
    expects: ["node-changed"],
  },
  {
    title: "an item of a list changed",
    queries: [
      "MATCH (n:Episodic) WHERE size(n.entity_edges) > 0 WITH n LIMIT 1 SET n.entity_edges = tail(n.entity_edges)",
    ],
    expects: ["node-changed", "invariant-H11"],
  },
  {
    title: "a list in another order",
    queries: [
      "MATCH (n:Episodic) WHERE size(n.entity_edges) > 1 WITH n LIMIT 1 SET n.entity_edges = reverse(n.entity_edges)",
    ],
    expects: ["node-changed"],
  },
  {
    title: "one component of a vector changed",
    queries: [`${anEntity} SET n.name_embedding = vecf32([0.9,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0])`],
    expects: ["vector-bytes-differ", "vector-moved", "vector-differs-from-source"],
  },
  {
    title: "a vector of another dimension",
    queries: [`${anEntity} SET n.name_embedding = vecf32([1, 2, 3])`],
    expects: ["vectors-unreadable"],
  },
  {
    title: "a vector as a list",
    queries: [`${anEntity} SET n.name_embedding = [1.0, 2.0]`],
    expects: ["node-changed", "property-type-differs", "vector-count-differs", "invariant-H9"],
  },
  {
    title: "invalid_at lost",
    queries: ["MATCH ()-[r:RELATES_TO]->() WHERE r.expired_at IS NOT NULL WITH r LIMIT 1 SET r.invalid_at = NULL"],
    expects: ["edge-changed", "invariant-H3"],
  },
  { title: "an index dropped", queries: ["DROP INDEX ON :Entity(created_at)"], expects: ["index-fields-differ"] },
  {
    title: "an edge index dropped",
    queries: ["DROP INDEX FOR ()-[e:MENTIONS]-() ON (e.uuid)", "DROP INDEX FOR ()-[e:MENTIONS]-() ON (e.group_id)"],
    expects: ["index-missing"],
  },
  {
    title: "other stopwords",
    queries: [
      "DROP INDEX ON :Community(uuid)",
      "CALL db.idx.fulltext.drop('Community')",
      "CREATE INDEX FOR (n:Community) ON (n.uuid)",
      "CALL db.idx.fulltext.createNodeIndex({label: 'Community', stopwords: ['foo']}, 'name', 'group_id')",
    ],
    expects: ["index-stopwords-differ"],
  },
  {
    title: "an index too many",
    queries: ["CREATE INDEX FOR (n:Saga) ON (n.summary)"],
    expects: ["index-fields-differ"],
  },
  {
    title: "a constraint too many",
    commands: [["GRAPH.CONSTRAINT", "CREATE", graph, "UNIQUE", "NODE", "Entity", "PROPERTIES", "1", "uuid"]],
    expects: ["constraint-unexpected"],
  },
  { title: "a graph lost", commands: [["GRAPH.DELETE", graph]], expects: ["graph-missing"] },
  { title: "an empty graph lost", commands: [["GRAPH.DELETE", "default_db"]], expects: ["graph-missing"] },
  { title: "a graph too many", commands: [["GRAPH.QUERY", "surprise", "RETURN 1"]], expects: ["graph-unexpected"] },
];

async function reload(): Promise<void> {
  await loadDespiteStall(() => target.restart({ rdb: join(source.dataDir ?? "", "dump.rdb") }));
}

describe("every single change is found", () => {
  test.each(mutations)("$title", async ({ queries = [], commands = [], expects }) => {
    await reload();
    await using connection = await connect(target.endpoint);
    for (const query of queries) {
      const { statistics } = await connection.query(graph, query);
      expect(statistics.join()).toMatch(/created|added|removed|deleted|set|Indices/i);
    }
    for (const [name, ...args] of commands) await connection.command(name, ...args);
    await target.ready("operational");
    const judgement = await judgeTarget();
    expect(codes(judgement)).toEqual(expect.arrayContaining([...expects]));
    expect(errorsOf(judgement)).not.toEqual([]);
  });
});

test("reports a changed property with its name, the expected and the actual value", async () => {
  await reload();
  await using connection = await connect(target.endpoint);
  const { rows } = await connection.query(
    graph,
    `${anEntity} SET n.name = 'somebody else' RETURN n.uuid, n.created_at`,
  );
  const { findings } = await judgeTarget();
  const found = findings.find(({ code }) => code === "node-changed");
  expect(found?.subject).toContain(`/${JSON.stringify(rows[0]?.[0] ?? null).slice(1, -1)}/name`);
  expect(found?.evidence).toMatchObject({
    kind: "changed",
    properties: [{ name: "name", expected: { type: "String" }, actual: { type: "String", text: "somebody else" } }],
    differingEntities: 1,
  });
});

test("reports a change of the source", async () => {
  await using connection = await connect(source.endpoint);
  await connection.query(graph, `${anEntity} SET n.touched = 1`);
  const after = await observe(source, expectation, { role: "source", dataset: content });
  await connection.query(graph, "MATCH (n:Entity) WHERE n.touched = 1 SET n.touched = NULL");
  expect(codes(judgeAll(expectation, after, before))).toContain("source-changed");
  const again = await observe(source, expectation, { role: "source", dataset: content });
  expect(codes(judgeAll(expectation, again, before))).toEqual([]);
});

function errorsOf({ findings }: ReturnType<typeof judgeAll>): typeof findings {
  return findings.filter(({ severity }) => severity === "error");
}
