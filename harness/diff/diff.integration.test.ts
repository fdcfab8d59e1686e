// `diff` on real servers: equal graphs are equal whatever their ids, and every kind of difference is found and named.
import { copyFile, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { privateFolder } from "../base/process/reaper.ts";
import { silentProgress } from "../base/progress.ts";
import { waitFor } from "../base/wait.ts";
import { embeddedEngines } from "../engine/embedded.ts";
import type { Engine } from "../engine/engine.ts";
import { connect, type Connection } from "../falkordb/client/connection.ts";
import { loadOddNames } from "../falkordb/testing/odd-names.ts";
import type { DescribedDifference } from "./diff-graph.ts";
import { diffServers, type ServerDifferences } from "./diff-servers.ts";
import { openGraphSource } from "./graph-source.ts";

const { signal } = new AbortController();
const resources = new AsyncDisposableStack();
let [a, b]: [Engine, Engine] = [undefined as never, undefined as never];
let [inA, inB]: [Connection, Connection] = [undefined as never, undefined as never];

beforeAll(async () => {
  a = resources.use(await embeddedEngines().start({ name: "a" }));
  b = resources.use(await embeddedEngines().start({ name: "b" }));
  inA = resources.use(await connect(a.endpoint));
  inB = resources.use(await connect(b.endpoint));
});
afterAll(() => resources.disposeAsync());

/** A foreign graph: no uuid, several labels, all types, an index, a constraint; and a graph of Graphiti's kind. */
async function fill(connection: Connection, ids: readonly number[]): Promise<void> {
  await connection.command("FLUSHALL");
  await connection.query("shop", "CREATE INDEX FOR (p:Person) ON (p.name)");
  await connection.command(
    "GRAPH.CONSTRAINT",
    "CREATE",
    "shop",
    "MANDATORY",
    "NODE",
    "Person",
    "PROPERTIES",
    1,
    "name",
  );
  await connection.query(
    "shop",
    `UNWIND $ids AS id CREATE (p:Person:Customer {id: id, name: 'person ' + id, score: 0.1 + id, tags: ['a', id, 1.5],
      at: point({latitude: 1, longitude: id}), v: vecf32([id, 0.25]), vip: id % 2 = 0})`,
    { ids },
  );
  await connection.query(
    "shop",
    "MATCH (p:Person), (q:Person) WHERE q.id = p.id + 1 CREATE (p)-[:KNOWS {since: p.id, why: 'met'}]->(q), (p)-[:LIKES]->(q)",
  );
  await connection.query(
    "team",
    "UNWIND range(1, 50) AS i CREATE (:Entity {uuid: 'u' + i, name: 'e' + i})-[:RELATES_TO {uuid: 'f' + i, fact: 'x'}]->(:Entity {uuid: 'w' + i})",
  );
  await connection.command("SELECT", 3);
  await connection.query("other", "CREATE (:O {x: 1})");
  await connection.command("SELECT", 0);
  await connection.command("SET", "plain", "key");
  await waitFor(() => isInForce(connection), { what: "the constraint to be in force", timeoutMs: 10_000, signal });
}

async function isInForce(connection: Connection): Promise<true | undefined> {
  const { rows } = await connection.roQuery("shop", "CALL db.constraints() YIELD status RETURN status");
  return rows.every(([status]) => status === "OPERATIONAL") ? true : undefined;
}

const forward = Array.from({ length: 30 }, (_, at) => at);

const diff = (...graph: { a: string; b: string }[]): Promise<ServerDifferences> =>
  diffServers(
    { a: a.endpoint, b: b.endpoint },
    { ...(graph.length > 0 && { graph }), progress: silentProgress, signal },
  );

function kinds({ findings }: ServerDifferences): string[] {
  return findings.map(({ code, evidence: { count } }) => (typeof count === "number" ? `${code} ${count}` : code));
}

function examples({ findings }: ServerDifferences): DescribedDifference[] {
  return findings.flatMap(({ evidence }) => (evidence["examples"] ?? []) as DescribedDifference[]);
}

describe("two servers", () => {
  beforeEach(async () => {
    await fill(inA, forward);
    await fill(inB, forward.toReversed());
  });

  it("are equal where only ids and order differ", async () => {
    const found = await diff();
    expect(found.findings).toEqual([]);
    expect(found.equal).toBe(true);
    expect(found.graphs.map(({ name }) => name)).toEqual(["shop", "team", "other (database 3)"]);
  });

  const person = "MATCH (p:Person {id: 7})";
  it.each<[string, string, string[]]>([
    [
      "a lost node of Graphiti's kind",
      "team MATCH (n:Entity {uuid: 'u7'}) DELETE n",
      ["node-missing 1", "edge-missing 1"],
    ],
    ["a changed one", "team MATCH (n:Entity {uuid: 'u7'}) SET n.name = 'other'", ["node-changed 1"]],
    [
      "an edge to another node",
      "team MATCH (:Entity {uuid: 'u7'})-[r]->(), (m {uuid: 'w1'}), (n {uuid: 'u7'}) DELETE r CREATE (n)-[:RELATES_TO {uuid: 'f7', fact: 'x'}]->(m)",
      ["edge-changed 1"],
    ],
    ["a foreign node that changed", `shop ${person} SET p.name = 'other'`, ["node-changed 1"]],
    ["a lost foreign node", `shop ${person} DELETE p`, ["node-missing 1", "edge-missing 4"]],
    ["a lost foreign edge", `shop ${person}-[r:KNOWS]->() DELETE r`, ["edge-missing 1"]],
    ["a doubled foreign edge", `shop ${person}-[r:LIKES]->(q) CREATE (p)-[:LIKES]->(q)`, ["edge-extra 1"]],
    ["a changed foreign edge", `shop ${person}-[r:KNOWS]->() SET r.why = 'heard'`, ["edge-changed 1"]],
    ["the type of a value", `shop ${person} SET p.vip = 'false'`, ["node-changed 1"]],
    ["an element of a list", `shop ${person} SET p.tags = ['a', 8, 1.5]`, ["node-changed 1"]],
    [
      "a component of a vector",
      `shop ${person} REMOVE p.v; ${person} SET p.v = vecf32([7, 0.2500001])`,
      ["node-changed 1"],
    ],
    ["a point", `shop ${person} SET p.at = point({latitude: 2, longitude: 7})`, ["node-changed 1"]],
    ["a label", `shop ${person} REMOVE p:Customer`, ["node-changed 1"]],
    ["the last bit of a double", `shop ${person} SET p.score = p.score + 8.9e-16`, ["double-differs"]],
    ["an index", "shop DROP INDEX ON :Person(name)", ["index-missing"]],
    ["every entity of a graph", "shop MATCH (n) DELETE n", ["node-missing 30", "edge-missing 58"]],
  ])("differ by %s", async (_, change, expected) => {
    const [graph = "", ...words] = change.split(" ");
    // Setting a vector that is nearly equal changes nothing, so it is removed first.
    for (const cypher of words.join(" ").split(";")) await inB.query(graph, cypher);
    const found = await diff();
    expect(kinds(found)).toEqual(expected);
    expect(found.equal).toBe(false);
  });

  it("differ by a constraint, a graph, and a key", async () => {
    await inB.command("GRAPH.CONSTRAINT", "DROP", "shop", "MANDATORY", "NODE", "Person", "PROPERTIES", 1, "name");
    await inB.command("GRAPH.DELETE", "team");
    await inB.query("new", "CREATE (:N)");
    await inB.command("SET", "plain", "other");
    expect(kinds(await diff())).toEqual(["constraint-missing", "graph-missing", "graph-unexpected", "key-differs"]);
  });

  it("differ by everything where one of them is empty", async () => {
    await inB.command("FLUSHALL");
    expect(kinds(await diff())).toEqual([
      "graph-missing",
      "graph-missing",
      "graph-missing",
      "key-missing",
      "key-count-differs",
    ]);
  });

  it("name what differs: entities by what people know them by, values with their types, edges with their ends", async () => {
    await inB.query("shop", `${person} SET p.vip = 'no' REMOVE p.v`);
    await inB.query("shop", `${person} SET p.v = vecf32([7, -0.0])`);
    await inB.query("shop", "MATCH (p:Person {id: 20})-[r:KNOWS]->() DELETE r");
    const [changed, missing] = examples(await diff());
    expect(changed).toMatchObject({
      key: '{id: 7, name: "person 7"}',
      label: "Customer:Person",
      properties: [
        { name: "v", expected: { text: "[7,0.25]" }, actual: { text: "[7,-0]" } },
        { name: "vip", expected: { type: "Boolean", text: "false" }, actual: { type: "String", text: "no" } },
      ],
    });
    const end = (id: number): string => `(:Person:Customer {id: ${id}, name: "person ${id}"})`;
    expect(missing).toMatchObject({ kind: "missing", label: "KNOWS", ends: [end(20), end(21)] });
  });

  it("compare two graphs of other names", async () => {
    await inB.command("GRAPH.COPY", "shop", "copy");
    expect((await diff({ a: "shop", b: "copy" })).findings).toEqual([]);
    await expect(diff({ a: "shop", b: "cpy" })).rejects.toThrow('B has no graph "cpy"');
    const ways = [
      { a: "shop=copy", b: "shop=copy" },
      { a: "shop", b: "copy" },
    ];
    expect((await diff(...ways)).graphs.map(({ name }) => name)).toEqual(["shop = copy"]);
    for (const side of [inA, inB]) await side.query("shop=copy", "CREATE (:N)");
    expect((await diff(...ways)).graphs.map(({ name }) => name)).toEqual(["shop=copy"]);
    await expect(diff({ a: "", b: "" })).rejects.toMatchObject({
      hint: 'It has: "shop", "shop=copy", "team", "other".',
    });
  });
});

describe("an RDB file", () => {
  it("is a side, and is not changed; any other file is refused", async () => {
    await using folder = await privateFolder("diff");
    await fill(inA, forward);
    await inA.command("SAVE");
    const rdb = join(folder.path, "dump.rdb");
    await copyFile(join(a.dataDir ?? "", "dump.rdb"), rdb);
    const options = {
      engines: embeddedEngines(),
      vaultOf: () => Promise.reject(new Error("no vault")),
      progress: silentProgress,
      signal,
    };
    {
      await using side = await openGraphSource(rdb, options);
      const found = await diffServers({ a: a.endpoint, b: side.endpoint }, { progress: silentProgress, signal });
      expect(found.findings).toEqual([]);
    }
    await expect(openGraphSource(join(folder.path, "absent.rdb"), options)).rejects.toMatchObject({ exit: "usage" });
    await expect(openGraphSource(folder.path, options)).rejects.toMatchObject({ exit: "usage" });
    await writeFile(join(folder.path, "text"), "hello, this is no dump");
    await expect(openGraphSource(join(folder.path, "text"), options)).rejects.toThrow("is not an RDB");
    const whole = await readFile(rdb);
    await writeFile(rdb, whole.subarray(0, whole.length / 2));
    await expect(openGraphSource(rdb, options)).rejects.toMatchObject({ exit: "notRecovered" });
    expect((await stat(rdb)).size).toBe(Math.floor(whole.length / 2));
  });
});

it("compares graphs with names that no query can write, doubles to their last bit", async () => {
  for (const connection of [inA, inB]) await connection.command("FLUSHALL");
  await loadOddNames(inA, "odd");
  await loadOddNames(inB, "odd");
  expect((await diff()).findings).toEqual([]);
  await inB.command("FLUSHALL");
  await loadOddNames(inB, "odd", 0.1 + 2 ** -56);
  const { findings } = await diff();
  expect(findings.map(({ subject }) => subject)).toEqual([expect.stringContaining("odd")]);
});
