// Indexes that are suspended while the stream of a real server is replayed are the same afterwards, to the last option.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { isNightly } from "../../base/testing/nightly.ts";
import { embeddedEngines } from "../../engine/embedded.ts";
import { loadDespiteStall } from "../../engine/stall-watch.ts";
import { privateFolder } from "../../base/process/reaper.ts";
import { attachReplica } from "../replication/attach-replica.ts";
import { dataOnlyRanges } from "./data-only-ranges.ts";
import { compareDigests } from "../../observe/digest/compare-digests.ts";
import { connect, type Connection } from "../client/connection.ts";
import { readIndexDefinitions } from "./index-definitions.ts";
import { type Replayed, replay } from "./replay.ts";
import { SuspendedIndexes } from "./suspended-indexes.ts";
import { digestServer, type ServerDigest } from "../../observe/digest/server-digest.ts";
import { record, type Recording } from "../testing/test-recording.ts";

const graph = "people";
const { signal } = new AbortController();
const resources = new AsyncDisposableStack();
const kept = [
  "CREATE VECTOR INDEX FOR (n:Vector) ON (n.v) OPTIONS {dimension: 2, similarityFunction: 'cosine', M: 8}",
  "CALL db.idx.fulltext.createNodeIndex('Weight', {field: 'a', weight: 2.5})",
  "CALL db.idx.fulltext.createNodeIndex('Stem', {field: 'a', nostem: true})",
  "CALL db.idx.fulltext.createNodeIndex('Sound', {field: 'a', phonetic: 'dm:en'})",
  "CREATE FULLTEXT INDEX FOR ()-[e:French]->() ON (e.a) OPTIONS {language: 'french'}",
  "CREATE INDEX FOR (n:Bound) ON (n.id)",
];
const removable = [
  "CREATE INDEX FOR (n:Person) ON (n.id, n.name)",
  "CREATE INDEX FOR (n:`Odd label`) ON (n.`odd key`)",
  "CALL db.idx.fulltext.createNodeIndex({label: 'Person', stopwords: ['it\\'s', 'a\"b', 'x\\\\y', 'über']}, 'name', 'text')",
  "CALL db.idx.fulltext.createNodeIndex({label: 'German', language: 'german', stopwords: ['der']}, 'a', 'b')",
  "CREATE FULLTEXT INDEX FOR (n:French) ON (n.a) OPTIONS {language: 'french'}",
  "CREATE FULLTEXT INDEX FOR (n:Plain) ON (n.b, n.a)",
  "CREATE INDEX FOR ()-[e:KNOWS]->() ON (e.since)",
  "CREATE FULLTEXT INDEX FOR ()-[e:KNOWS]->() ON (e.fact, e.since)",
];
const searches = [
  "CALL db.idx.fulltext.queryNodes('Person', 'changed') YIELD node RETURN count(node)",
  "CALL db.idx.fulltext.queryRelationships('KNOWS', 'met') YIELD relationship RETURN count(relationship)",
  "MATCH (p:Person) WHERE p.id > 100 RETURN count(p)",
  "MATCH ()-[e:KNOWS]->() WHERE e.since >= 200 RETURN count(e)",
];
let source: Connection;
let recording: Recording;
let base: string;
let stream: Buffer;
let expected: ServerDigest;
let definitions: string[];
let answers: unknown[];

beforeAll(async () => {
  const engine = resources.use(
    await embeddedEngines().start({ name: "source", moduleArgs: { EFFECTS_THRESHOLD: "0" } }),
  );
  source = resources.use(await connect(engine.endpoint));
  for (const statement of [...kept, ...removable]) await source.query(graph, statement);
  await source.command("GRAPH.CONSTRAINT", "CREATE", graph, "UNIQUE", "NODE", "Bound", "PROPERTIES", 1, "id");
  await source.query(graph, "UNWIND range(1, 500) AS i CREATE (:Person {id: i, name: 'name ' + i}), (:Bound {id: i})");
  await engine.ready("operational");
  recording = resources.use(await record(engine.endpoint));
  const folder = resources.use(await privateFolder("resting-test"));
  base = join(folder.path, "base.rdb");
  await writeFile(base, recording.snapshot);
  await change(source, 1, 1500);
  // In the middle of it an index comes, and one goes.
  await source.query(graph, "CREATE INDEX FOR (t:Thing) ON (t.id)");
  await source.query(graph, "DROP INDEX FOR (n:`Odd label`) ON (n.`odd key`)");
  await change(source, 1501, 3000);
  await engine.ready("operational");
  stream = await recording.stream();
  expected = await digestServer(engine.endpoint, signal);
  definitions = await textsOf(source);
  answers = await askAll(source);
});

afterAll(() => resources.disposeAsync());

async function change(connection: Connection, from: number, to: number): Promise<void> {
  for (let id = from; id <= to; id += 1) {
    const cypher =
      "MATCH (p:Person {id: $person}) SET p.name = 'changed ' + $id, p.text = 'again' " +
      "CREATE (p)-[:KNOWS {since: $id, fact: 'they met'}]->(:Thing:Plain {id: $id, a: 'word'})";
    await connection.query(graph, cypher, { id, person: (id % 500) + 1 });
  }
}

async function textsOf(connection: Connection): Promise<string[]> {
  return (await readIndexDefinitions(connection, graph)).map(({ text }) => text);
}

async function askAll(connection: Connection): Promise<unknown[]> {
  const found = [];
  for (const search of searches) found.push((await connection.roQuery(graph, search)).rows);
  return found;
}

/** `changesMin` of a range in which indexes may be suspended; undefined where they never may. */
async function replayed(
  changesMin: number | undefined,
): Promise<Replayed & { readonly connection: Connection; readonly folds: number }> {
  const start = { rdb: base, name: "target", readiness: "loaded", moduleArgs: { DELAY_INDEXING: "yes" } } as const;
  const engine = resources.use(await loadDespiteStall(() => embeddedEngines().start(start)));
  const connection = resources.use(await connect(engine.endpoint));
  await using replica = await attachReplica(connection, { signal });
  const chunks = async function* (): AsyncGenerator<Buffer> {
    for (let at = 0; at < stream.length; at += 9999) yield await Promise.resolve(stream.subarray(at, at + 9999));
  };
  const from = recording.cut;
  const to = from + stream.length;
  const part = { from, to, database: 0 };
  const dataOnly = changesMin === undefined ? [] : await dataOnlyRanges(chunks(), part, changesMin);
  const outcome = await replay(connection, replica.server, {
    ...part,
    stream: chunks(),
    dataOnly,
    silenceMs: 30_000,
    signal,
  });
  const folds = Number(
    /calls=(\d+)/.exec((await connection.info("commandstats"))["cmdstat_graph.RO_QUERY"] ?? "")?.[1],
  );
  await replica.detach();
  await engine.ready("operational");
  expect(compareDigests(expected, await digestServer(engine.endpoint, signal))).toEqual([]);
  return { ...outcome, connection, folds };
}

it("knows which indexes it can make again", async () => {
  const found = await readIndexDefinitions(source, graph);
  const names = (isRemovable: boolean): string[] =>
    found
      .filter(({ statements }) => (statements !== undefined) === isRemovable)
      .map(({ entity, label }) => `${entity} ${label}`);
  expect(names(false)).toEqual(["NODE Sound", "NODE Stem", "NODE Vector", "NODE Weight", "RELATIONSHIP French"]);
  expect(names(true)).toEqual([
    "NODE Bound",
    "NODE French",
    "NODE German",
    "NODE Person",
    "NODE Plain",
    "NODE Thing",
    "RELATIONSHIP KNOWS",
  ]);
});

it("suspends the indexes of a graph while it is changed, and rebuilds the same ones", async () => {
  const { suspensions, connection } = await replayed(1000);
  expect(suspensions).toBe(2);
  expect(await textsOf(connection)).toEqual(definitions);
  expect(await askAll(connection)).toEqual(answers);
  const { rows } = await connection.roQuery(graph, "CALL db.constraints() YIELD label, status RETURN label, status");
  expect(rows).toEqual([["Bound", "OPERATIONAL"]]);
});

it.runIf(isNightly)("gives the same result without suspensions", async () => {
  for (const changesMin of [undefined, 10_000]) {
    const { suspensions, connection } = await replayed(changesMin);
    expect(suspensions).toBe(0);
    expect(await textsOf(connection)).toEqual(definitions);
    expect(await askAll(connection)).toEqual(answers);
  }
});

it("has the engine fold its changes, and puts its settings back", async () => {
  const { connection, folds } = await replayed(undefined);
  // Three thousand changes; nothing else asks by this command before it is counted.
  expect(folds).toBe(3);
  expect(await connection.command("GRAPH.CONFIG", "GET", "DELTA_MAX_PENDING_CHANGES")).toEqual([
    "DELTA_MAX_PENDING_CHANGES",
    10_000,
  ]);
});

it("does not return a graph whose indexes were not rebuilt", async () => {
  const target = resources.use(await loadDespiteStall(() => embeddedEngines().start({ name: "target", rdb: base })));
  const connection = resources.use(await connect(target.endpoint));
  const withoutSearch = async (_: number, into: string, statements: readonly string[]): Promise<void> => {
    for (const statement of statements) if (!statement.includes("CALL")) await connection.query(into, statement);
  };
  const indexes = new SuspendedIndexes(connection, withoutSearch);
  const stretch = { database: 0, graph, from: 0, to: 1, changes: 1000 };
  expect(await indexes.drop(stretch)).toBe(true);
  expect((await readIndexDefinitions(connection, graph)).map(({ label }) => label)).toEqual([
    "Bound",
    "Sound",
    "Stem",
    "Vector",
    "Weight",
    "French",
  ]);
  await expect(indexes.rebuild(stretch)).rejects.toMatchObject({
    findingCode: "index-not-remade",
    message: `the index on French (NODE) of graph "${graph}" is not what it was when it was dropped`,
  });
});

it("leaves the indexes of a graph alone that is changed little", async () => {
  const nothing = (): Promise<void> => Promise.reject(new Error("no statement was expected"));
  const indexes = new SuspendedIndexes(source, nothing);
  expect(await indexes.drop({ database: 0, graph, from: 0, to: 1, changes: 10 })).toBe(false);
  expect(await indexes.drop({ database: 0, graph: "not there", from: 0, to: 1, changes: 1000 })).toBe(false);
});
