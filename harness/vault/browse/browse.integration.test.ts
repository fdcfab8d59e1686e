import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { privateFolder } from "../../base/process/reaper.ts";
import { silentProgress } from "../../base/progress.ts";
import type { Engine } from "../../engine/engine.ts";
import { embeddedEngines } from "../../engine/embedded.ts";
import { connect, type Connection } from "../../falkordb/client/connection.ts";
import { ensureKeys } from "../../system/reference/reference.ts";
import { createBackup } from "../backup/backup.ts";
import { Keyring } from "../keys/keyring.ts";
import type { RestoreContext } from "../restore/restore.ts";
import { backupPath, initVault } from "../store/vault.ts";
import { storeTestBackup } from "../testing/test-backup.ts";
import { browseBackup, type BrowsedBackup, type BrowseRequest } from "./browse.ts";
import type { BrowsedEdge, BrowsedNode } from "./find-entities.ts";

const resources = new AsyncDisposableStack();
let root: string;
let source: Engine;
let connection: Connection;
let context: RestoreContext;
let point: string;
/** The same content as the server compresses it by itself, which a backup without the right to its settings holds. */
let compressed: string;

const long = "é".repeat(200_000);
const odd = `"quoted" 'single' \\ back\u0001slash \u202E\n\t🚀 żółć`;

beforeAll(async () => {
  root = resources.use(await privateFolder("browse-test")).path;
  // So few entities a key spread a graph over many, as millions of entities do with the default.
  source = resources.use(
    await embeddedEngines().start({ name: "source", moduleArgs: { VKEY_MAX_ENTITY_COUNT: "700" } }),
  );
  connection = resources.use(await connect(source.endpoint));
  await fill();
  const keyring = new Keyring(join(root, "keys"));
  await ensureKeys(keyring, "interop");
  const store = await initVault(join(root, "vault"));
  context = { store, keyring };
  const signal = new AbortController().signal;
  const request = { source, coordinator: undefined, progress: silentProgress, signal };
  const made = await createBackup({ ...context, profile: "interop", partBytes: 300_000 }, request);
  point = made.point.id;
  await connection.command("SAVE");
  const dump = await readFile(join(source.dataDir ?? "", "dump.rdb"));
  compressed = (await storeTestBackup(store, keyring, dump, 300_000)).id;
});
afterAll(() => resources.disposeAsync());

async function fill(): Promise<void> {
  const write = async (cypher: string, graph = "people"): Promise<void> => void (await connection.query(graph, cypher));
  await write("UNWIND range(0, 2499) AS i CREATE (:Person {uuid: 'n' + i, name: 'name ' + i, tags: ['a', i, true]})");
  await write("MATCH (n:Person) WHERE n.uuid IN ['n7', 'n8'] SET n:Admin");
  await write("UNWIND range(0, 99) AS i CREATE (:Place {uuid: 'p' + i})");
  await write("CREATE ({uuid: 'bare'})");
  await write(
    "MATCH (a:Person), (b:Person) WITH a, b ORDER BY a.uuid, b.uuid WHERE toInteger(substring(b.uuid, 1)) = " +
      "toInteger(substring(a.uuid, 1)) + 1 CREATE (a)-[:KNOWS {uuid: 'k' + substring(a.uuid, 1)}]->(b)",
  );
  await write(
    "MATCH (a {uuid: 'n5'}), (b {uuid: 'n9'}) UNWIND range(0, 99) AS i CREATE (a)-[:SAID {uuid: 's' + i}]->(b)",
  );
  await write(
    "MATCH (a {uuid: 'n9'}), (b {uuid: 'n5'}) UNWIND range(0, 2) AS i CREATE (a)-[:SAID {uuid: 't' + i}]->(b)",
  );
  await write("MATCH (a {uuid: 'n9'}) CREATE (a)-[:KNOWS {uuid: 'loop'}]->(a)");
  // Ids that are free again, some of which are used once more.
  await write("MATCH (n:Person {uuid: 'n100'})-[r]-() DELETE r");
  await write("MATCH (n:Person) WHERE n.uuid IN ['n100', 'n200', 'n300'] DETACH DELETE n");
  await write("CREATE (:Person {uuid: 'again'})");
  await write("MATCH (a {uuid: 'again'}), (b {uuid: 'p1'}) CREATE (a)-[:AT {uuid: 'at'}]->(b)");
  await connection.query(
    "people",
    "CREATE (:Odd:`La bel` {uuid: 'odd', integer: 9223372036854775807, small: -5, zero: -0.0, third: 1.0 / 3, " +
      "yes: true, no: false, text: $odd, empty: '', long: $long, list: [1, 'two', [3.5, []]], " +
      "place: point({latitude: 32.5, longitude: -7.25}), vector: vecf32([1, -0.5, 3.25]), `__proto__`: 'own', " +
      "day: date('2026-11-30'), clock: localtime('22:45:01'), moment: localdatetime('1969-12-31T23:59:58'), " +
      "span: duration('P1Y2M3DT4H5M6S')})",
    { odd, long },
  );
  await write("CREATE (:Twin {uuid: 'twin'}), (:Twin {uuid: 'twin'})");
  await write("CREATE (:Twin {uuid: 'twin', of: 'the other graph'})", "other");
  await write("CREATE (:Place {name: 'without a uuid'})", "none");
  await write("CREATE INDEX FOR (p:Person) ON (p.uuid)");
}

async function look(asked: Partial<BrowseRequest>, given: RestoreContext = context): Promise<BrowsedBackup> {
  return await browseBackup(given, { point, timeoutMs: 60_000, signal: new AbortController().signal, ...asked });
}
async function only(uuid: string, at = point): Promise<BrowsedNode | BrowsedEdge> {
  const { found } = await look({ uuid, point: at, graph: "people" });
  expect(found).toMatchObject({ uuid, entities: [{}] });
  return found?.entities[0] as BrowsedNode | BrowsedEdge;
}

describe("an entity", () => {
  it("has its values of every kind, to the last bit", async () => {
    const expected = {
      uuid: { type: "string", value: "odd" },
      integer: { type: "integer", value: "9223372036854775807" },
      small: { type: "integer", value: -5 },
      zero: { type: "double", value: "-0" },
      third: { type: "double", value: 1 / 3 },
      yes: { type: "bool", value: true },
      no: { type: "bool", value: false },
      text: { type: "string", value: odd },
      empty: { type: "string", value: "" },
      // Cut where 64 KiB end.
      long: { type: "string", value: long.slice(0, 32 * 1024), cutFromBytes: 400_000 },
      list: {
        type: "array",
        value: [
          { type: "integer", value: 1 },
          { type: "string", value: "two" },
          {
            type: "array",
            value: [
              { type: "double", value: 3.5 },
              { type: "array", value: [] },
            ],
          },
        ],
      },
      place: { type: "point", value: { latitude: 32.5, longitude: -7.25 } },
      vector: { type: "vector", value: [1, -0.5, 3.25] },
      day: { type: "date", value: "2026-11-30" },
      clock: { type: "time", value: "22:45:01" },
      moment: { type: "datetime", value: "1969-12-31T23:59:58" },
      span: { type: "duration", value: "P1Y2M3DT4H5M6S" },
    };
    const node = await only("odd");
    expect(node).toMatchObject({ kind: "node", labels: ["Odd", "La bel"] });
    const { __proto__: own, ...properties } = node.properties;
    expect({ ...properties }).toEqual(expected);
    expect(own).toEqual({ type: "string", value: "own" });
    const printed = await connection.roQuery(
      "people",
      "MATCH (n {uuid: 'odd'}) RETURN toString(n.day), toString(n.clock), toString(n.moment), toString(n.span)",
    );
    expect(["day", "clock", "moment", "span"].map((name) => properties[name]?.value)).toEqual(printed.rows[0]);
    // Of a long text that the server has compressed by itself, nothing is shown.
    const { long: unseen, ...others } = (await only("odd", compressed)).properties;
    expect(unseen).toEqual({ type: "string", value: "", cutFromBytes: 400_000 });
    expect(others["text"]).toEqual(expected.text);
  });

  // Of every key of the graph, and where ids are used again.
  it.each(["n0", "n7", "n699", "n700", "n1499", "n2499", "p99", "bare", "again"])("is the node %s", async (uuid) => {
    const { rows } = await connection.roQuery("people", "MATCH (n {uuid: $uuid}) RETURN id(n), labels(n), n.name", {
      uuid,
    });
    for (const at of uuid === "n7" || uuid === "s77" ? [point, compressed] : [point]) {
      const node = await only(uuid, at);
      const { id, properties } = node;
      expect([id, (node as BrowsedNode).labels, properties["name"]?.value ?? null]).toEqual(rows[0]);
    }
  });

  it.each(["k0", "k698", "k1000", "k2498", "loop", "s0", "s77", "s99", "t2", "at"])("is the edge %s", async (uuid) => {
    const { rows } = await connection.roQuery(
      "people",
      "MATCH (a)-[r {uuid: $uuid}]->(b) RETURN id(r), type(r), id(a), a.uuid, labels(a), id(b), b.uuid, labels(b)",
      { uuid },
    );
    expect(rows).toHaveLength(1);
    for (const at of uuid === "n7" || uuid === "s77" ? [point, compressed] : [point]) {
      const { id, type, source: from, target: to } = (await only(uuid, at)) as BrowsedEdge;
      const ends = [from, to].flatMap((end) => [end.id, end.uuid?.value, end.labels]);
      expect([id, type, ...ends]).toEqual(rows[0]);
    }
  });

  it("may be there several times, in several graphs, or not at all", async () => {
    const { found } = await look({ uuid: "twin" });
    expect(found).toMatchObject({ nodes: 3, edges: 0 });
    expect(found?.entities.map(({ graph }) => graph).sort()).toEqual(["other", "people", "people"]);
    expect((await look({ uuid: "twin", graph: "other" })).found?.entities).toMatchObject([
      { graph: "other", labels: ["Twin"], properties: { of: { value: "the other graph" } } },
    ]);
    for (const uuid of ["n100", "a", "", "name 1"])
      expect((await look({ uuid })).found).toEqual({ uuid, nodes: 0, edges: 0, entities: [] });
    expect((await look({ uuid: "n0", graph: "none" })).found).toMatchObject({ nodes: 0 });
  });
});

describe("graphs", () => {
  it("are shown with their sizes and schema from the manifest, without a secret key or a part", async () => {
    const reader = await publicKeysOnly();
    const { graphs, read, found, increments } = await look({}, reader);
    expect(graphs?.map(({ name, nodes, edges }) => [name, nodes, edges])).toEqual([
      ["none", 1, 0],
      ["other", 1, 0],
      ["people", 2602, 2598],
    ]);
    const [person] = graphs?.[2]?.labels ?? [];
    expect(person).toEqual({ name: "Person", index: ["uuid:range"], stopwords: [], constraints: [] });
    expect({ read: read.parts, found, increments }).toEqual({ read: 0, found: null, increments: null });
    await expect(look({ uuid: "n0" }, reader)).rejects.toThrow("holds no secret key of this backup's recipients");
    await expect(look({ counts: true }, reader)).rejects.toThrow("holds no secret key of this backup's recipients");
  });

  it("are shown with the nodes of each label and the edges of each type", async () => {
    const { graphs, read } = await look({ counts: true, graph: "people" });
    const counted = async (cypher: string): Promise<unknown> => (await connection.roQuery("people", cypher)).rows;
    expect(graphs?.[0]?.labels.map(({ name, count }) => [name, count]).sort()).toEqual(
      await counted("MATCH (n) UNWIND labels(n) AS l RETURN l, count(1) ORDER BY l"),
    );
    expect(graphs?.[0]?.types.map(({ name, count }) => [name, count]).sort()).toEqual(
      await counted("MATCH ()-[r]->() RETURN type(r) AS t, count(r) ORDER BY t"),
    );
    expect(read.parts).toBe(read.ofParts);
  });

  it("of another name or database are refused with what there is", async () => {
    await expect(look({ graph: "peple" })).rejects.toThrow('holds no graph "peple" in any database');
    await expect(look({ graph: "people", database: 3 })).rejects.toThrow('holds no graph "people" in database 3');
  });
});

describe("nothing is shown", () => {
  it("of a backup with a part that is not the one that was signed", async () => {
    const { store } = context;
    const path = backupPath(point, "part-00001.zst.pgp");
    const whole = (await store.get(path, 2 ** 24)) as Buffer;
    const flipped = Buffer.from(whole);
    flipped.writeUInt8(flipped.readUInt8(1000) ^ 1, 1000);
    try {
      await store.put(path, flipped);
      await expect(look({ uuid: "n0" })).rejects.toThrow(
        `${path} in ${store.where} is not the part that the manifest signs`,
      );
      await store.delete(path);
      await expect(look({ uuid: "n0" })).rejects.toThrow(path);
      expect((await look({})).read).toMatchObject({ parts: 0 });
    } finally {
      await store.put(path, whole);
    }
    expect((await look({ uuid: "n0" })).found).toMatchObject({ nodes: 1 });
  });

  it("after its deadline or when it was stopped", async () => {
    await expect(look({ uuid: "n0", timeoutMs: 1 })).rejects.toThrow("took more than 1 ms");
    const stop = new Error("stopped");
    await expect(look({ uuid: "n0", signal: AbortSignal.abort(stop) })).rejects.toThrow(stop);
  });
});

/** The key ring of a machine that can read manifests and no content. */
async function publicKeysOnly(): Promise<RestoreContext> {
  const keyring = new Keyring(join(root, "public"));
  for (const { role, name } of await context.keyring.list())
    await keyring.import(role, name, await context.keyring.export(role, name, false));
  return { store: context.store, keyring };
}
