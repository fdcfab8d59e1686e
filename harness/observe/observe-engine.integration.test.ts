// What a real engine gets wrong or enforces, seen through the checks: an index that loses 0.0 on reload (FalkorDB
// 4.16.3), and constraints that are really tried.
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Dataset, Double, type EdgeRecord, type GraphPlan, type NodeRecord } from "../../generators/model.ts";
import { expectedContent } from "../check/expect/expected.ts";
import { judgeAll } from "../check/judge.ts";
import type { Constraint, Expectation } from "../check/observation.ts";
import { embeddedEngines } from "../engine/embedded.ts";
import { loadDespiteStall } from "../engine/stall-watch.ts";
import type { Engine } from "../engine/engine.ts";
import { isNightly } from "../base/testing/nightly.ts";
import { waitFor } from "../base/wait.ts";
import { connect } from "../falkordb/client/connection.ts";
import { loadDataset } from "../falkordb/load/load.ts";
import { loadedEngine } from "../falkordb/testing/loaded-engine.ts";
import { observe } from "./observe.ts";
import { digestServer } from "./digest/server-digest.ts";
import { tryWrite } from "./try-write.ts";

const floats = [0, -0, 1.5, -2.25, 1e15, 0.1 + 0.2];

function nodeOf(id: number): NodeRecord {
  const value = floats[id % floats.length] ?? 0;
  return { id, labels: ["Measure"], properties: { uuid: `m${id}`, value: new Double(value) } };
}

function* edges(): Generator<EdgeRecord> {
  for (let id = 0; id < 30; id += 1)
    yield { type: "NEXT", source: id, target: (id + 1) % 30, properties: { uuid: `e${id}` } };
}

const plan: GraphPlan = {
  name: "measures",
  groupId: "measures",
  indexes: [
    { entity: "node", label: "Measure", range: ["uuid", "value"], fulltext: [] },
    { entity: "edge", label: "NEXT", range: ["uuid"], fulltext: [] },
  ],
  counts: { nodes: 30, edges: 30 },
  nodes: () => Array.from({ length: 30 }, (_, id) => nodeOf(id)),
  edges,
  node: nodeOf,
  afterLoad: [],
};

const content: Dataset = {
  options: { seed: 1, nodes: 30, shape: "personal", variant: "edge-values", dims: 0, schema: "post1856" },
  version: 1,
  graphs: () => [plan],
};

async function reloaded(source: Engine): Promise<Engine> {
  await using connection = await connect(source.endpoint);
  await connection.command("SAVE");
  const rdb = join(source.dataDir ?? "", "dump.rdb");
  return await loadDespiteStall(() => embeddedEngines().start({ name: "target", rdb }));
}

test("an index that loses 0.0 when it is loaded is found and named", async () => {
  await using source = await loadedEngine("source", content);
  const expectation = await expectedContent(content);
  const before = await observe(source, expectation, { role: "source", dataset: content });
  const own = judgeAll(expectation, before).findings;
  expect(own.filter(({ severity }) => severity !== "info")).toEqual([]);

  await using target = await reloaded(source);
  const after = await observe(target, expectation, { role: "target", dataset: content });
  const { findings } = judgeAll(expectation, after, before);
  // The data itself is there, to the last bit, and the restore is not to blame.
  expect(findings.filter(({ severity }) => severity !== "info")).toEqual([
    expect.objectContaining({ code: "index-zeros-lost-in-engine", severity: "warning" }),
    expect.objectContaining({ code: "edges-of-first-node-lost-in-engine", severity: "warning" }),
  ]);
});

const unique: Constraint[] = [
  { kind: "UNIQUE", entity: "NODE", label: "Measure", properties: ["uuid"] },
  { kind: "UNIQUE", entity: "RELATIONSHIP", label: "NEXT", properties: ["uuid"] },
  { kind: "MANDATORY", entity: "NODE", label: "Measure", properties: ["uuid"] },
];

async function constrain(engine: Engine): Promise<void> {
  await using connection = await connect(engine.endpoint);
  for (const { kind, entity, label, properties } of unique)
    await connection.command(
      "GRAPH.CONSTRAINT",
      "CREATE",
      plan.name,
      kind,
      entity,
      label,
      "PROPERTIES",
      1,
      ...properties,
    );
  await waitFor(
    async () => {
      const { rows } = await connection.roQuery(plan.name, "CALL db.constraints() YIELD status");
      return rows.length === unique.length && rows.every(([status]) => status === "OPERATIONAL") ? rows : undefined;
    },
    { what: "the constraints to be operational", timeoutMs: 20_000 },
  );
}

test("constraints are tried on the target, and an attempt that passes leaves nothing behind", async () => {
  await using source = await loadedEngine("source", content);
  await constrain(source);
  const plain = await expectedContent(content);
  const expectation: Expectation = {
    ...plain,
    graphs: plain.graphs.map((graph) => Object.assign({}, graph, { constraints: unique })),
  };
  const before = await observe(source, expectation, { role: "source", dataset: content });
  expect(before.graphs[0]?.constraints.map(({ enforced }) => enforced)).toEqual([undefined, undefined, undefined]);

  await using target = await reloaded(source);
  const after = await observe(target, expectation, { role: "target", dataset: content });
  expect(after.graphs[0]?.constraints.map(({ enforced }) => enforced)).toEqual([true, true, true]);
  const { findings, witnesses } = judgeAll(expectation, after, before);
  expect(findings.filter(({ code }) => code.startsWith("constraint"))).toEqual([]);
  expect(witnesses).toMatchObject({ constraintsCompared: 3, violationsAttempted: 3 });

  // An engine that still builds its indexes says that the constraint holds, and lets duplicates in.
  await using connection = await connect(target.endpoint);
  await connection.command("GRAPH.CONSTRAINT", "DROP", plan.name, "UNIQUE", "NODE", "Measure", "PROPERTIES", 1, "uuid");
  const lax = await observe(target, expectation, { role: "target", dataset: content });
  expect(judgeAll(expectation, lax, before).findings.map(({ code }) => code)).toContain("constraint-missing");
  expect(lax.graphs[0]?.counted).toEqual({ nodes: 30, edges: 30 });

  // It is all there now, and in an hour nothing is.
  await connection.command("EXPIRE", plan.name, 3600);
  const brief = await observe(target, expectation, { role: "target", dataset: content });
  expect(judgeAll(expectation, brief, before).findings.map(({ code }) => code)).toContain("key-differs");
});

test("a source that cuts results off is read whole", async () => {
  await using engine = await embeddedEngines().start({ moduleArgs: { RESULTSET_SIZE: "40" } });
  await loadDataset(engine.endpoint, content);
  await using connection = await connect(engine.endpoint);
  // A hub with more edges than an answer may have rows: its edges come in several answers as well.
  await connection.query(
    "hub",
    "CREATE (h:Hub) WITH h UNWIND range(1, 500) AS i CREATE (h)-[:TO {i: i}]->(:Leaf {x: i * 0.1})",
  );
  const expectation = await expectedContent(content);
  const limited = await observe(engine, expectation, { role: "source", dataset: content });
  const signal = new AbortController().signal;
  const limitedDigest = await digestServer(engine.endpoint, signal);
  expect(await connection.command("GRAPH.CONFIG", "GET", "RESULTSET_SIZE")).toEqual(["RESULTSET_SIZE", 40]);

  await connection.command("GRAPH.CONFIG", "SET", "RESULTSET_SIZE", -1);
  const {
    phases: _ms,
    server: _limits,
    ...whole
  } = await observe(engine, expectation, { role: "source", dataset: content });
  expect(limited).toMatchObject(whole);
  expect(limitedDigest).toEqual(await digestServer(engine.endpoint, signal));
  expect(limitedDigest.graphs.find(({ name }) => name === "hub")?.edges.count).toBe(500);
});

test.runIf(isNightly)("a source that gives long queries up is read whole", async () => {
  await using engine = await embeddedEngines().start();
  await using connection = await connect(engine.endpoint);
  await connection.query("hub", "UNWIND range(1, 20000) AS i CREATE (:Leaf {text: 'text ' + i})");
  // A query that is given up is tried again in halves; the smallest always ends.
  await connection.command("GRAPH.CONFIG", "SET", "QUERY_MEM_CAPACITY", 2 ** 20);
  await connection.command("GRAPH.CONFIG", "SET", "TIMEOUT_MAX", 50);
  const given = await digestServer(engine.endpoint, new AbortController().signal);
  expect(given.graphs.map(({ nodes }) => nodes.count)).toEqual([20_000]);
});

test("a server that never answers a write does not accept writes", async () => {
  await using target = await embeddedEngines().start({ name: "target" });
  await using connection = await connect(target.endpoint);
  expect(await tryWrite(target.endpoint)).toEqual({ taken: true });
  await connection.command("CLIENT", "PAUSE", 600_000, "WRITE");
  expect(await tryWrite(target.endpoint, 300)).toMatchObject({ taken: false });
  await connection.command("CLIENT", "UNPAUSE");
});
