// Loading into a real engine, and reading back what was loaded.
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { isNightly } from "../../base/testing/nightly.ts";
import { dataset } from "../../../generators/dataset.ts";
import {
  CypherValue,
  type DatasetOptions,
  Double,
  type EdgeRecord,
  type GraphPlan,
  type NodeRecord,
  type Properties,
  type Value,
} from "../../../generators/model.ts";
import { printDouble } from "../../check/fingerprint/canonical.ts";
import { embeddedEngines } from "../../engine/embedded.ts";
import { loadDespiteStall } from "../../engine/stall-watch.ts";
import type { Engine } from "../../engine/engine.ts";
import { connect, type Connection } from "../client/connection.ts";
import { loadDataset, loadGraph } from "./load.ts";
import { benchmarkLoad } from "../../bench/load-benchmark.ts";

const base: DatasetOptions = { seed: 1, nodes: 600, shape: "personal", variant: "clean", dims: 0, schema: "post1856" };

let engine: Engine;
let connection: Connection;
beforeAll(async () => {
  engine = await embeddedEngines().start({ name: "load" });
  connection = await connect(engine.endpoint);
});
beforeEach(() => connection.command("FLUSHALL"));
afterAll(async () => {
  connection.close();
  await engine[Symbol.asyncDispose]();
});

test.each([
  { variant: "clean", dims: 12, schema: "pre1856" },
  { variant: "dirty", dims: 0 },
  { variant: "edge-values", nodes: 300 },
  { shape: "team", nodes: 900 },
] as const)("every node and edge comes back as the plan says: %o", async (options) => {
  const content = dataset({ ...base, ...options });
  await loadDataset(engine.endpoint, content);
  for (const plan of content.graphs()) {
    expect(await storedNodes(plan.name)).toEqual(plannedNodes(plan));
    expect(await storedEdges(plan.name)).toEqual(plannedEdges(plan));
  }
});

test("vectors have exactly the float32 values of the plan, on nodes and edges", async () => {
  const [plan] = dataset({ ...base, nodes: 200, dims: 384 }).graphs();
  if (plan === undefined) throw new Error("no plan");
  await loadGraph(connection, plan);
  const { rows } = await connection.roQuery(
    plan.name,
    "MATCH (n) WHERE n.name_embedding IS NOT NULL RETURN n.uuid, n.name_embedding",
  );
  const planned = [...plan.nodes()].flatMap(({ properties: { uuid, name_embedding: vector } }) =>
    vector instanceof Float32Array ? [[uuid, Array.from(vector)] as const] : [],
  );
  // The digits that the reply prints of a float32 distinguish it from every other one.
  const stored = rows.map(([uuid, vector]) => [uuid, Array.from(Float32Array.from(vector as number[]))]);
  expect(new Map(stored as [string, number[]][])).toEqual(new Map(planned as [string, number[]][]));
  const types = await connection.roQuery(
    plan.name,
    "MATCH ()-[r:RELATES_TO]->() RETURN DISTINCT typeof(r.fact_embedding)",
  );
  expect(types.rows).toEqual([["Vectorf32"]]);
});

test("Graphiti's indexes are operational, with their fields and stopwords", async () => {
  await loadDataset(engine.endpoint, dataset(base));
  const { rows } = await connection.roQuery(
    "main",
    "CALL db.indexes() YIELD label, properties, types, stopwords, status RETURN label, properties, types, stopwords, status",
  );
  expect(rows).toHaveLength(9);
  expect(rows.every((row) => row[4] === "OPERATIONAL")).toBe(true);
  const [, properties, , stopwords] = rows.find(([label]) => label === "Entity") ?? [];
  expect((properties as string[]).toSorted()).toEqual(["created_at", "group_id", "name", "summary", "uuid"]);
  expect(stopwords).toHaveLength(33);
  expect(rows.find(([label]) => label === "RELATES_TO")?.[3]).toEqual([]);
});

test("what is there is not overwritten, and nothing is loaded beside it", async () => {
  await connection.query("research", "CREATE (:Mine {a: 1})");
  const content = dataset({ ...base, shape: "team", nodes: 9000 });
  await expect(loadDataset(engine.endpoint, content)).rejects.toThrow(/already a graph or key named "research"/);
  expect(await connection.graphs()).toEqual(["research"]);
  expect((await connection.roQuery("research", "MATCH (n) RETURN n.a")).rows).toEqual([[1]]);
});

test("a load that is interrupted takes its graphs away again", async () => {
  const controller = new AbortController();
  const progress = { step: () => {}, note: () => {}, advance: () => controller.abort(new Error("interrupted")) };
  const content = dataset({ ...base, shape: "team", nodes: 9000 });
  await expect(loadDataset(engine.endpoint, content, { progress, signal: controller.signal })).rejects.toThrow(
    "interrupted",
  );
  expect(await connection.graphs()).toEqual([]);
});

test("a plan whose counts are wrong is noticed", async () => {
  const [plan] = dataset(base).graphs();
  if (plan === undefined) throw new Error("no plan");
  const wrong: GraphPlan = {
    name: plan.name,
    groupId: plan.groupId,
    indexes: plan.indexes,
    afterLoad: plan.afterLoad,
    counts: { ...plan.counts, edges: plan.counts.edges + 1 },
    nodes: () => plan.nodes(),
    edges: () => plan.edges(),
    node: (id) => plan.node(id),
  };
  await expect(loadGraph(connection, wrong)).rejects.toThrow(/edges after the load, planned were/);
  expect(await connection.graphs()).toEqual([]);
});

// By day the scenario `cycle/edge-values` loads one.
test.each(isNightly ? [10_000] : [])(
  "the engine loads a dump of %i edge values and of sizes beside its deadly borders",
  async (nodes) => {
    const content = dataset({ ...base, nodes, variant: "edge-values" });
    await loadDataset(engine.endpoint, content);
    await connection.command("CONFIG", "SET", "save", "");
    await connection.command("SAVE");
    const { dataDir } = engine;
    if (dataDir === undefined) throw new Error("the embedded engine has a data folder");
    const start = { name: "restored", rdb: `${dataDir}/dump.rdb` };
    await using restored = await loadDespiteStall(() => embeddedEngines().start(start));
    await using after = await connect(restored.endpoint);
    for (const { name, counts } of content.graphs()) {
      const nodes = await after.roQuery(name, "MATCH (n) RETURN count(n)");
      const edges = await after.roQuery(name, "MATCH ()-[r]->() RETURN count(r)");
      expect([nodes.rows[0]?.[0], edges.rows[0]?.[0]]).toEqual([counts.nodes, counts.edges]);
    }
    // The holes: ids run beyond the number of nodes.
    const { rows } = await after.roQuery("edge-values", "MATCH (n) RETURN max(id(n)) - count(n) + 1");
    expect(rows).toEqual([[1000]]);
  },
);

test("the load benchmark leaves nothing behind", async () => {
  const [plan] = dataset({ ...base, shape: "large", nodes: 2000 }).graphs();
  if (plan === undefined) throw new Error("no plan");
  const { ratio, runs, bytes } = await benchmarkLoad(engine.endpoint, plan, { repeat: 2 });
  expect(ratio).toBeGreaterThan(0);
  expect(runs.readyMadeMs).toHaveLength(2);
  expect(bytes).toBeGreaterThan(100_000);
  expect(await connection.graphs()).toEqual([]);
});

type Row = readonly [uuid: unknown, kind: unknown, properties: Record<string, unknown>];

async function storedNodes(graph: string): Promise<Row[]> {
  const { rows } = await connection.roQuery(graph, "MATCH (n) RETURN n.uuid, labels(n), properties(n)");
  return sorted(
    rows.map(([uuid, labels, found]) => [
      uuid,
      (labels as string[]).toSorted(),
      replied(found as Value) as Record<string, unknown>,
    ]),
  );
}

async function storedEdges(graph: string): Promise<Row[]> {
  const { rows } = await connection.roQuery(
    graph,
    "MATCH (a)-[r]->(b) RETURN r.uuid, [type(r), a.uuid, b.uuid], properties(r)",
  );
  return sorted(rows.map(([uuid, kind, found]) => [uuid, kind, replied(found as Value) as Record<string, unknown>]));
}

function plannedNodes(plan: GraphPlan): Row[] {
  return sorted(
    Iterator.from(plan.nodes())
      .map(({ labels, properties }: NodeRecord): Row => [properties["uuid"], labels.toSorted(), planned(properties)])
      .toArray(),
  );
}

function plannedEdges(plan: GraphPlan): Row[] {
  const uuids = Array.from(plan.nodes(), ({ properties }) => properties["uuid"]);
  return sorted(
    Iterator.from(plan.edges())
      .map(({ type, source, target, properties }: EdgeRecord): Row => [
        properties["uuid"],
        [type, uuids[source], uuids[target]],
        planned(properties),
      ])
      .toArray(),
  );
}

function sorted(rows: Row[]): Row[] {
  return rows.sort(([a], [b]) => (String(a) < String(b) ? -1 : 1));
}

function planned(properties: Properties): Record<string, unknown> {
  return Object.fromEntries(Object.entries(properties).map(([name, value]) => [name, replied(value)]));
}

function replied(value: Value): unknown {
  // A reply shows 15 digits of a double; its exact bits are for the fingerprint's own tests.
  if (value instanceof Double) return replied(Number(printDouble(value.value)));
  // The client loses the last digit of integers near 2^53 while it parses them.
  if (typeof value === "bigint" || (typeof value === "number" && Number.isInteger(value)))
    return Math.abs(Number(value)) < 2 ** 52 ? Number(value) : Number(value).toPrecision(15);
  if (value instanceof Float32Array) return Array.from(value, (x) => replied(x));
  if (value instanceof CypherValue) {
    if (value.type !== "point") return Number(value.canonical);
    const [latitude, longitude] = value.canonical.split(",").map(Number);
    return { latitude, longitude };
  }
  if (Array.isArray(value)) return value.map((item: Value) => replied(item));
  return typeof value === "object" ? planned(value as unknown as Properties) : value;
}
