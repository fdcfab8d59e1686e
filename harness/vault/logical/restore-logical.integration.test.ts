// Graphs that are read out of a backup by our own decoder and written anew, on real engines.
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { dataset } from "../../../generators/dataset.ts";
import { isNightly } from "../../base/testing/nightly.ts";
import { type Progress, silentProgress } from "../../base/progress.ts";
import { embeddedEngines } from "../../engine/embedded.ts";
import type { Engine } from "../../engine/engine.ts";
import { connect, type Connection } from "../../falkordb/client/connection.ts";
import { loadDataset } from "../../falkordb/load/load.ts";
import { differingSums } from "../../falkordb/logical/content-sums.ts";
import { decodedContent } from "../../falkordb/logical/decoded-content.ts";
import { type BackupContext, createBackup } from "../backup/backup.ts";
import { type TestSource, testSource } from "../testing/test-source.ts";
import { restoreLogically, type LogicalRestoreRequest } from "./restore-logical.ts";

const resources = new AsyncDisposableStack();
const { signal } = new AbortController();
let context: BackupContext;
let point: string;
let source: Engine;
let target: Engine;
let connection: Connection;

/** What GRAPH.BULK cannot say, beside what it can. */
const odd = [
  "UNWIND range(1, 20) AS i CREATE ({i: i}), (:`a:b` {`x y`: i * 0.1}), (:A:B {v: vecf32([i, 0.1, -0.0])})",
  "CREATE (:A {v: [1, 2.5, 'x', [true]], e: [], t: 'a\"b\\\\c', p: point({latitude: 1.25, longitude: -3.3})})",
  "CREATE (:A {d: date('2020-02-03'), c: localtime('10:11:12'), m: localdatetime('1955-02-03T01:02:03')})",
  "CREATE (:A {s: duration('P1Y2M3DT4H5M6S'), n: -9223372036854775807 - 1, l: [date('2020-02-03'), vecf32([1.5])]})",
  "CREATE (:Bare), (:Bare)-[:R]->(:Bare)",
  "MATCH (a:A), (b:`a:b`) WITH a, b LIMIT 30 CREATE (a)-[:`r:s` {d: date('2021-01-01')}]->(b)",
  "MATCH (a:A), (b:B) WITH a, b LIMIT 200 CREATE (a)-[:R {v: vecf32([0.3, 0.7]), w: id(a)}]->(b)",
  "MATCH (a:A), (b:B) WITH a, b LIMIT 9 CREATE (a)-[:R {v: [0.3, 0.7]}]->(b)",
  "MATCH (a:A) WITH a LIMIT 3 CREATE (a)-[:R]->(a), (a)-[:R]->(a)",
  // This leaves free ids, and changes that are pending in the matrices.
  "MATCH ()-[r:R]->() WHERE id(r) % 5 = 1 DELETE r",
  "MATCH (n) WHERE id(n) % 11 = 3 DETACH DELETE n",
  "MATCH (b:B) WITH b LIMIT 4 REMOVE b:B SET b:C",
];

beforeAll(async () => {
  const engines = embeddedEngines();
  const made: TestSource = resources.use(await testSource({ redisConfig: noDelay }));
  ({ source } = made);
  target = resources.use(await engines.start({ name: "target", redisConfig: noDelay }));
  connection = resources.use(await connect(target.endpoint));
  const options = { seed: 11, shape: "personal", schema: "post1856", nodes: 300, dims: 8 } as const;
  await loadDataset(source.endpoint, dataset({ ...options, variant: "edge-values" }));
  await loadDataset(source.endpoint, dataset({ ...options, nodes: 2000, variant: "dirty" }));
  await using writer = await connect(source.endpoint);
  for (const query of odd) await writer.query("odd", query);
  await writer.query("bare", "CREATE (:A)-[:R]->(:B), (:A)");
  // No engine of this version loads a dump of it.
  if (isNightly) await writer.query("border", "UNWIND range(1, 64000) AS i CREATE (:Entity {i: i})");
  await writer.command("ZADD", "a set", "1.5", "one", "2", "two");
  await writer.command("HSET", "long", "text", "long ".repeat(9999));
  await writer.command("SET", "expiring", "x", "EX", "7200");
  await writer.command("FUNCTION", "LOAD", "#!lua name=l\nredis.register_function('f', function() return 1 end)");
  await writer.command("GRAPH.UDF", "LOAD", "lib", "function one() { return 1; } falkor.register('one', one);");
  await writer.command("SELECT", 3);
  await writer.query("elsewhere", "UNWIND range(1, 5) AS i CREATE (:A {i: i})-[:R]->(:A)");
  await writer.command("SET", "a key", "x");
  context = await made.newVault();
  point = (await createBackup(context, { source, coordinator: undefined, progress: silentProgress, signal })).point.id;
});
afterAll(() => resources.disposeAsync());
afterEach(async () => await connection.pipeline([["FLUSHALL"], ["FUNCTION", "FLUSH"], ["GRAPH.UDF", "FLUSH"]]));

const noDelay = { "repl-diskless-sync-delay": "0" };

function restored(more: Partial<LogicalRestoreRequest> = {}): ReturnType<typeof restoreLogically> {
  return restoreLogically(context, { point, target, progress: silentProgress, signal, ...more });
}

/** What is said of everything that is no graph. */
async function answersOfKeys({ endpoint }: Engine): Promise<readonly unknown[]> {
  await using client = await connect(endpoint);
  return await client.pipeline([
    ["GET", "plain"],
    ["ZRANGE", "a set", 0, -1, "WITHSCORES"],
    ["HGETALL", "long"],
    ["PEXPIRETIME", "expiring"],
    ["FCALL", "f", 0],
    ["FUNCTION", "LIST", "WITHCODE"],
    ["GRAPH.UDF", "LIST", "WITHCODE"],
    ["SELECT", 3],
    ["GET", "a key"],
  ]);
}

it("brings all graphs back to the last bit, in their databases, with all keys and functions", async () => {
  const { graphs, keys, libraries } = await restored();
  const names = [
    "bare",
    ...(isNightly ? ["border"] : []),
    "edge-values",
    "elsewhere",
    "empty",
    "every-index",
    "main",
    "odd",
    "people",
  ];
  expect(graphs.map(({ as }) => as).toSorted()).toEqual(names);
  expect([keys, libraries]).toEqual([5, 2]);
  expect(await answersOfKeys(target)).toEqual(await answersOfKeys(source));
  const [wanted, found] = await Promise.all(
    [source, target].map(({ endpoint }) => decodedContent(endpoint, () => true, signal)),
  );
  expect(found?.map(({ header, database }) => [header.name, database]).toSorted()).toEqual(
    wanted?.map(({ header, database }) => [header.name, database]).toSorted(),
  );
  for (const { header, sums } of wanted ?? []) {
    const other = found?.find((graph) => graph.header.name === header.name);
    expect(other && differingSums(sums, other.sums)).toEqual([]);
  }
});

it("brings one graph back under another name, beside others", async () => {
  await connection.query("main", "CREATE (:Other)");
  const { graphs } = await restored({ graph: { name: "elsewhere", as: "here" } });
  expect(graphs).toEqual([{ name: "elsewhere", as: "here", nodes: 10, edges: 5 }]);
  expect((await connection.graphs()).toSorted()).toEqual(["here", "main"]);
  expect((await connection.query("here", "MATCH (a:A)-[:R]->() RETURN sum(a.i)")).rows).toEqual([[15]]);
});

it("takes its graphs away again where they are not what the backup holds", async () => {
  const written: Promise<unknown>[] = [];
  const step = (name: string): void => {
    // Another client finds the graph that is being written.
    if (name === "index")
      written.push(connection.graphs().then(([hidden = ""]) => connection.query(hidden, "CREATE (:A)")));
  };
  const progress: Progress = { ...silentProgress, step };
  await expect(restored({ graph: { name: "people", as: "people" }, progress })).rejects.toMatchObject({
    exit: "dataWrong",
    message: expect.stringContaining('graph "people": 1 nodes with the labels ["A"] instead of 0') as string,
  });
  await Promise.all(written);
  expect(await connection.graphs()).toEqual([]);
});

it("leaves nothing where it is interrupted", async () => {
  const stop = new AbortController();
  const progress = {
    ...silentProgress,
    step: (name: string) => name === "load edges" && stop.abort(new Error("stop")),
  };
  await expect(restored({ progress, signal: stop.signal })).rejects.toThrow("stop");
  expect(await connection.graphs()).toEqual([]);
});

it.each<[string, Partial<LogicalRestoreRequest>, string]>([
  ["a name that is taken", {}, 'holds "people" already'],
  ["a graph that the backup has not", { graph: { name: "nobody", as: "nobody" } }, 'has no graph "nobody"'],
])("is refused with %s, before anything is written", async (_, more, message) => {
  await connection.query("people", "CREATE (:Here)");
  await expect(restored(more)).rejects.toMatchObject({
    exit: "usage",
    message: expect.stringContaining(message) as string,
  });
  expect(await connection.graphs()).toEqual(["people"]);
});
