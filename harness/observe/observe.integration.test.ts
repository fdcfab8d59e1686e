// The checks against a real engine: silent on what was loaded and on what came back from a dump, and loud on every
// single change. Each mutation is made on a fresh copy of the restored engine's data, or undone before the next one.
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isNightly } from "../base/testing/nightly.ts";
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
import { loadedEngine } from "../falkordb/testing/loaded-engine.ts";
import { observe } from "./observe.ts";
import { anEntity, graph, mutations, mutationsByDay } from "./testing/mutations.ts";

const content: Dataset = dataset({
  seed: 7,
  nodes: 600,
  shape: "team",
  variant: "clean",
  dims: 16,
  schema: "pre1856",
});

const engines = new AsyncDisposableStack();
let source: Engine;
let target: Engine;
let expectation: Expectation;
let before: Observation;

beforeAll(async () => {
  source = engines.use(await loadedEngine("source", content));
  expectation = await expectedContent(content);
  before = await observe(source, expectation, { role: "source", dataset: content });
  await using connection = await connect(source.endpoint);
  await connection.command("SAVE");
  const rdb = join(source.dataDir ?? "", "dump.rdb");
  target = engines.use(await loadDespiteStall(() => embeddedEngines().start({ name: "target", rdb })));
});

afterAll(() => engines.disposeAsync());

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
  // The target is a plain load of the engine.
  const warned = restored.findings.filter(({ severity }) => severity !== "info").map(({ code }) => code);
  expect([...new Set(warned)]).toEqual(["edges-of-first-node-lost-in-engine"]);
  expect(errorsOf(restored)).toEqual([]);
  const required = [...requiredWitnesses(expectation), "searchesCompared"];
  expect(required.filter((name) => !restored.witnesses[name])).toEqual([]);
});

test("what was expected and observed survives the way through JSON", () => {
  const copy = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
  expect(expectationSchema.parse(copy(expectation))).toEqual(expectation);
  expect(observationSchema.parse(copy(before))).toEqual(before);
});

async function reload(): Promise<void> {
  await loadDespiteStall(() => target.restart({ rdb: join(source.dataDir ?? "", "dump.rdb") }));
}

describe("every single change is found", () => {
  test.each(isNightly ? mutations : mutationsByDay)("$title", async ({ queries = [], commands = [], expects }) => {
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
