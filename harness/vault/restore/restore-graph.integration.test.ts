// One graph out of a backup, beside another of the same name on a server that goes on working.
import { afterAll, beforeAll, expect, it } from "vitest";
import { silentProgress } from "../../base/progress.ts";
import { embeddedEngines } from "../../engine/embedded.ts";
import type { Engine } from "../../engine/engine.ts";
import { connect, type Connection } from "../../falkordb/client/connection.ts";
import { digestOne } from "../../observe/digest/server-digest.ts";
import { createBackup, type BackupContext } from "../backup/backup.ts";
import { testSource } from "../testing/test-source.ts";
import { restoreGraph, type RestoreGraphOptions } from "./restore-graph.ts";

const resources = new AsyncDisposableStack();
const { signal } = new AbortController();
let context: BackupContext;
let point: string;
let target: Engine;
let connection: Connection;
let source: Engine;

beforeAll(async () => {
  const made = resources.use(await testSource());
  ({ source } = made);
  await made.connection.query("zeros", "CREATE INDEX FOR (n:N) ON (n.v)");
  await made.connection.query("zeros", "UNWIND range(1, 50) AS i CREATE (:N {v: 0})-[:R]->(:N {v: i})");
  context = await made.newVault();
  const request = { source, coordinator: undefined, progress: silentProgress, signal };
  point = (await createBackup(context, request)).point.id;
  target = resources.use(await embeddedEngines().start({ name: "target" }));
  connection = resources.use(await connect(target.endpoint));
  await connection.query("people", "CREATE (:Other)-[:IS]->(:Here)");
});
afterAll(() => resources.disposeAsync());

function restored(more: Partial<RestoreGraphOptions> = {}): ReturnType<typeof restoreGraph> {
  const request = { point, graph: "people", as: "people-before", target, engines: embeddedEngines() };
  return restoreGraph(context, { ...request, progress: silentProgress, signal, ...more });
}

it("is restored under another name, whole, searchable and writable, and leaves the others alone", async () => {
  expect(await restored()).toMatchObject({ nodes: 3000, edges: 2999 });
  expect(await digestOne(target.endpoint, "people-before", signal)).toEqual({
    ...(await digestOne(source.endpoint, "people", signal)),
    name: "people-before",
  });
  expect((await connection.graphs()).toSorted()).toEqual(["people", "people-before"]);
  const search = "CALL db.idx.fulltext.queryNodes('Person', '1234') YIELD node RETURN node.id";
  expect((await connection.query("people-before", search)).rows).toEqual([[1234]]);
  await expect(connection.query("people-before", "CREATE (:Person {id: 1})")).rejects.toThrow("unique");
  await connection.query("people-before", "MATCH (p:Person {id: 7}) SET p.name = 'another'");
});

it("gets an index with zeros that finds them", async () => {
  await restored({ graph: "zeros", as: "zeros" });
  expect((await connection.roQuery("zeros", "MATCH (n:N) WHERE n.v = 0 RETURN count(n)")).rows).toEqual([[50]]);
});

it.each<[string, Partial<RestoreGraphOptions>, string]>([
  ["a name that is taken", { as: "people" }, 'holds "people" already'],
  ["a graph that the backup has not", { graph: "nobody" }, 'has no graph "nobody"'],
])("is refused with %s, before anything is loaded", async (_, more, message) => {
  await expect(restored(more)).rejects.toMatchObject({
    exit: "usage",
    message: expect.stringContaining(message) as string,
  });
});

it("is refused where it does not fit, and nothing of it stays", async () => {
  const { used_memory: used } = await connection.info("memory");
  await connection.command("CONFIG", "SET", "maxmemory", Number(used) + 100_000);
  await expect(restored({ as: "third" })).rejects.toMatchObject({ exit: "environment" });
  await connection.command("CONFIG", "SET", "maxmemory", 0);
  expect(await connection.graphs()).not.toContain("third");
});
