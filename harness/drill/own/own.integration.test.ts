// A drill on graphs that no generator made: foreign labels and types, several graphs and databases, other keys, and what
// was broken before. A right system passes; a faulty one fails, and the first lost entity is named.
import { copyFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { isNightly } from "../../base/testing/nightly.ts";
import type { Mutate } from "../../system/system.ts";
import { afterRestore } from "../../../fixtures/mutants/mutating.ts";
import { privateFolder } from "../../base/process/reaper.ts";
import { silentProgress } from "../../base/progress.ts";
import { embeddedEngines } from "../../engine/embedded.ts";
import { connect, type Connection } from "../../falkordb/client/connection.ts";
import type { ScenarioResult } from "../../record/result.ts";
import { RunDirectory } from "../../record/run-directory.ts";
import { serverSettings } from "../../vault/testing/test-source.ts";
import { verifyRun } from "../../record/verify-run.ts";
import { cycle } from "../cycle.ts";
import { type CyclePlan, fullCyclePlan } from "../cycle-plan.ts";
import type { Drill } from "../drill.ts";
import { describeRun } from "../run/describe-run.ts";
import { resolveOptions } from "../run/options.ts";
import { resultOf } from "../run/run-drill.ts";
import { runScenario } from "../run/run-scenario.ts";
import { openOwnGraph, type OwnGraph } from "./own-graph.ts";

const { signal } = new AbortController();
const resources = new AsyncDisposableStack();
const options = { engines: embeddedEngines(), progress: silentProgress, signal };
const timeout = 120_000;
let folder = "";
let own: OwnGraph | undefined;

async function fill(connection: Connection): Promise<void> {
  await connection.query("shop", "CREATE INDEX FOR (p:Person) ON (p.id, p.name)");
  await connection.query(
    "shop",
    `UNWIND range(1, 300) AS id CREATE (:Person:Customer {id: id, name: 'person ' + id, score: 0.1 + id,
      tags: ['a', id, 1.5], at: point({latitude: 1, longitude: id % 90}), v: vecf32([id, 0.25]), vip: id % 2 = 0})
      -[:KNOWS {since: id}]->(:City {name: 'city ' + id})`,
  );
  await connection.query(
    "tenant",
    `CREATE (e:Episodic {uuid: 'episode', group_id: 'tenant', created_at: '2026-01-01T00:00:00Z', entity_edges: ['f', 'gone']}),
      (a:Entity {uuid: 'a', group_id: 'tenant', created_at: '2026-01-01T00:00:00Z'}),
      (b:Entity {uuid: 'b', group_id: 'stranger', created_at: '2026-01-01T00:00:00Z'}),
      (a)-[:RELATES_TO {uuid: 'f', group_id: 'tenant', created_at: '2026-01-01T00:00:00Z', fact: 'a knows b'}]->(b)`,
  );
  // FalkorDB 4.16 leaves the deleted node under its label.
  await connection.query("grown", "CREATE (:Draft {title: 'Old'})");
  await connection.query("grown", "UNWIND range(1, 20000) AS i CREATE (:N {i: i})");
  await connection.query("grown", "MATCH (d) WHERE d.title = 'Old' DELETE d");
  // A tenant on trial: an own graph may have a time of expiry.
  await connection.command("EXPIRE", "tenant", 864_000);
  await connection.command("SELECT", 3);
  await connection.query("third", "CREATE (:X {a: 1})-[:Y]->(:Z)");
  await connection.command("SELECT", 0);
  await connection.command("SET", "plain", "key");
}

beforeAll(async () => {
  folder = resources.use(await privateFolder("own-test")).path;
  const engine = resources.use(await embeddedEngines().start({ name: "team" }));
  await using connection = await connect(engine.endpoint);
  await fill(connection);
  await connection.command("SAVE");
  await copyFile(join(engine.dataDir ?? "", "dump.rdb"), join(folder, "own.rdb"));
  own = await openOwnGraph(join(folder, "own.rdb"), options, resources);
}, timeout);
afterAll(() => resources.disposeAsync());

let runs = 0;

async function drillOn(change: Partial<CyclePlan>, mutate?: Mutate): Promise<ScenarioResult> {
  const plan: CyclePlan = { ...fullCyclePlan, rawLimits: false, writers: 0, ...change };
  const run = resolveOptions({ profile: "pr", from: own, mutate, out: join(folder, `run-${(runs += 1)}`) });
  const directory = RunDirectory.create(run.out);
  const id = "cycle/own";
  directory.writeRun(describeRun(run, [id]));
  const definition = { id, title: "own graphs", profiles: ["pr"], run: (drill: Drill) => cycle(drill, plan) } as const;
  const asScenario = { ...definition, run: async (drill: Drill) => void (await definition.run(drill)) };
  const running = { id, options: run, seed: 1, directory, signal, progressOf: () => silentProgress };
  const result = await runScenario(asScenario, running);
  directory.writeResult(resultOf(run, [result], false));
  await directory.seal();
  expect((await verifyRun(run.out)).verdict).toBe(result.verdict);
  return result;
}

const found = ({ findings }: ScenarioResult, severity: string): string[] =>
  findings.filter((finding) => finding.severity === severity).map(({ code, subject }) => `${code} ${subject}`);

test("a right system passes, writers on top, and what was broken before is said", { timeout }, async () => {
  const result = await drillOn({ writers: 2 });
  expect(found(result, "error")).toEqual([]);
  expect(result.verdict).toBe("pass");
  const before = result.findings.filter(({ code }) => code === "source-broken-before").map(({ message }) => message);
  expect(before.join("\n")).toContain("1 of 2 facts that episodes list did not exist");
  expect(before.join("\n")).toContain('1 entities had the group_id "stranger"');
  expect(before.join("\n")).toContain("broke H2");
  expect(before.join("\n")).toContain("1 nodes were found by the label Draft without having it");
  expect(result.metrics).toMatchObject({ nodes: 20_603, edges: 301 });
});

const faults: readonly (readonly [string, (connection: Connection) => Promise<unknown>, readonly string[]])[] = [
  [
    "a foreign node, and changes another",
    async (connection) => {
      await connection.query("shop", "MATCH (p:Person {id: 7}) DELETE p");
      await connection.query("shop", "MATCH (p:Person {id: 8}) REMOVE p.v");
      await connection.query("shop", "MATCH (p:Person {id: 8}) SET p.v = vecf32([8, 0.2500001])");
    },
    [
      'node-missing shop/Customer:Person/{id: 7, name: "person 7"}',
      'node-changed shop/Customer:Person/{id: 8, name: "person 8"}/v',
    ],
  ],
  [
    "everything",
    (connection) => connection.command("FLUSHALL"),
    [
      "graph-missing grown",
      "graph-missing shop",
      "graph-missing tenant",
      "graph-missing third (database 3)",
      "key-missing 0/plain",
    ],
  ],
  [
    "a node of another database",
    async (connection) => {
      await connection.command("SELECT", 3);
      await connection.query("third", "MATCH (n:Z) DELETE n");
    },
    ["node-missing third (database 3)/Z/content"],
  ],
  ["the other keys", (connection) => connection.command("DEL", "plain"), ["key-missing 0/plain"]],
  [
    "a reference that was not broken",
    (connection) => connection.query("tenant", "MATCH (n {uuid: 'b'}) SET n.group_id = 'nobody'"),
    ["node-changed tenant/Entity/b/group_id"],
  ],
];

test.each(isNightly ? faults : [])(
  "a system that loses %s fails, with what is lost",
  { timeout },
  async (_, change, expected) => {
    const result = await drillOn({ disaster: "none" }, (system, { vault }) =>
      afterRestore(change)(system, { vault, applied: () => {} }),
    );
    expect(result.exit).toBe("dataWrong");
    const errors = found(result, "error");
    for (const each of expected)
      expect(
        errors.some((error) => error.startsWith(each)),
        `${each} in ${errors.join("; ")}`,
      ).toBe(true);
  },
);

test("a running server is copied, and only read", { timeout }, async () => {
  // By default a server waits five seconds for more replicas, and this copy must not change that.
  const redisConfig = { "repl-diskless-sync-delay": "0" };
  await using engine = await embeddedEngines().start({ name: "team", redisConfig });
  await using connection = await connect(engine.endpoint);
  await connection.query("g", "CREATE (:N {x: 1})");
  const settings = await serverSettings(engine.endpoint);
  await using here = new AsyncDisposableStack();
  const url = `redis://:${engine.endpoint.password ?? ""}@127.0.0.1:${engine.endpoint.port}`;
  const copy = await openOwnGraph(url, options, here);
  expect(copy.summary.graphs.map(({ name, nodes }) => [name, nodes])).toEqual([["g", 1]]);
  expect(copy.name).toBe(`redis://127.0.0.1:${engine.endpoint.port}`);
  expect(await serverSettings(engine.endpoint)).toEqual(settings);
});

test("what no drill can begin with is refused", { timeout }, async () => {
  const refused = (name: string): Promise<unknown> => openOwnGraph(join(folder, name), options, resources);
  await expect(refused("absent.rdb")).rejects.toThrow(/there is no file/);
  await writeFile(join(folder, "text"), "no dump");
  await expect(refused("text")).rejects.toThrow(/is not an RDB/);
  const whole = await readFile(join(folder, "own.rdb"));
  await writeFile(join(folder, "half.rdb"), whole.subarray(0, whole.length / 2));
  // No backup system has run, so none has failed.
  await expect(refused("half.rdb")).rejects.toMatchObject({ exit: "usage" });
  await using engine = await embeddedEngines().start({ name: "empty" });
  await using connection = await connect(engine.endpoint);
  await connection.command("SET", "only", "keys");
  await connection.command("SAVE");
  await copyFile(join(engine.dataDir ?? "", "dump.rdb"), join(folder, "keys.rdb"));
  await expect(refused("keys.rdb")).rejects.toThrow(/holds no graph/);
});
