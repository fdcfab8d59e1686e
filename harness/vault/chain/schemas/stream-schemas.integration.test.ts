// The names that a real server replicates, compared with the server's own lists; and what it does not replicate.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { silentProgress } from "../../../base/progress.ts";
import { waitFor } from "../../../base/wait.ts";
import { embeddedEngines } from "../../../engine/embedded.ts";
import type { Engine } from "../../../engine/engine.ts";
import { privateFolder } from "../../../base/process/reaper.ts";
import { connect, type Connection } from "../../../falkordb/client/connection.ts";
import { waitForIdleFork } from "../../../falkordb/client/fork-wait.ts";
import { CommandParser } from "../../../falkordb/replication/replication-commands.ts";
import { RdbWalk } from "../../../falkordb/rdb/rdb-walk.ts";
import { record, type Recording } from "../../../falkordb/testing/test-recording.ts";
import { ReferenceArchiver } from "../../archive/archiver.ts";
import { createBackup, type BackupContext } from "../../backup/backup.ts";
import { describeGraphs } from "../../backup/describe-graphs.ts";
import { backUpIncrement } from "../../archive/increment.ts";
import { Keyring } from "../../keys/keyring.ts";
import { ensureKeys } from "../../../system/reference/reference.ts";
import type { GraphNames } from "./replica-graphs.ts";
import type { Hazard } from "../segment-manifest.ts";
import { listSegments, readSegment } from "../segments.ts";
import { StreamSchemas } from "./stream-schemas.ts";
import { initVault, listBackupIds } from "../../store/vault.ts";

const { signal } = new AbortController();
const resources = new AsyncDisposableStack();
let source: Engine;
let connection: Connection;
let keyring: Keyring;
let root: string;
let context: BackupContext;
let test: AsyncDisposableStack;
let notes: string[];
let count = 0;
let graph: string;

beforeAll(async () => {
  root = resources.use(await privateFolder("schemas")).path;
  keyring = new Keyring(`${root}/keys`);
  await ensureKeys(keyring, "interop");
  source = resources.use(await embeddedEngines().start({ name: "source", moduleArgs: { EFFECTS_THRESHOLD: "0" } }));
  connection = resources.use(await connect(source.endpoint));
  // A compressed snapshot does not show its content.
  await connection.command("CONFIG", "SET", "rdbcompression", "no");
});
afterAll(() => resources.disposeAsync());
beforeEach(async () => {
  count += 1;
  graph = `graph ${count}`;
  notes = [];
  test = new AsyncDisposableStack();
  await connection.command("FLUSHALL");
  await write("CREATE (:N {id: 0})-[:TO {at: 1}]->(:M)");
  context = { store: await initVault(`${root}/vault-${count}`), keyring, profile: "interop", partBytes: 2 ** 20 };
});
afterEach(() => test.disposeAsync());

async function write(...queries: readonly string[]): Promise<void> {
  for (const query of queries) await connection.query(graph, query);
}

/** Leaves a label in the source that is not replicated. */
async function poison(): Promise<void> {
  await write("CREATE INDEX FOR (n:Unique) ON (n.id)", "CREATE (:Unique {id: 1})");
  await connection.command("GRAPH.CONSTRAINT", "CREATE", graph, "UNIQUE", "NODE", "Unique", "PROPERTIES", 1, "id");
  const isActive = async (): Promise<true | undefined> => {
    const { rows } = await connection.roQuery(graph, "CALL db.constraints() YIELD status RETURN status");
    return rows.every(([status]) => status === "OPERATIONAL") ? true : undefined;
  };
  await waitFor(isActive, { what: "the constraint", timeoutMs: 20_000 });
  await expect(connection.query(graph, "CREATE (:Ghost), (:Unique {id: 1})")).rejects.toThrow("unique constraint");
}

async function namesOf(name: string): Promise<GraphNames> {
  const read = async (query: string): Promise<string[]> =>
    (await connection.roQuery(name, query)).rows.map(([each]) => each as string);
  return {
    labels: await read("CALL db.labels()"),
    types: await read("CALL db.relationshipTypes()"),
    propertyKeys: await read("CALL db.propertyKeys()"),
  };
}

async function follow(recording: Recording): Promise<{ readonly schemas: StreamSchemas; readonly hazards: Hazard[] }> {
  const walk = new RdbWalk();
  walk.push(recording.snapshot);
  const schemas = new StreamSchemas(recording.cut);
  schemas.begin(describeGraphs(walk.summary()));
  const parser = new CommandParser(recording.cut, 2 ** 20, schemas);
  const stream = await recording.stream();
  for (let at = 0; at < stream.length; at += 1000) parser.push(stream.subarray(at, at + 1000));
  return { schemas, hazards: schemas.take() };
}

const request = (): Parameters<typeof createBackup>[1] => ({
  source,
  coordinator: undefined,
  progress: { ...silentProgress, note: (line) => void notes.push(line) },
  signal,
});

async function archive(): Promise<ReferenceArchiver> {
  const options = { ...request(), segmentBytes: 2 ** 20, segmentAgeMs: 60_000, rebaseMinMs: 0 };
  return test.use(await ReferenceArchiver.start(context, options));
}

async function lastHazards(base: string): Promise<readonly Hazard[]> {
  const last = (await listSegments(context.store, base)).at(-1) ?? 0;
  return (await readSegment(context.store, base, last, keyring)).manifest.hazards;
}

it("follows the names that the server has, under the same numbers", async () => {
  const recording = test.use(await record(source.endpoint));
  await write(
    "CREATE (:A:B {s: 'text', i: 1, f: 0.5, b: true, l: [1, ['a', 2.5], []], p: point({latitude: 1, longitude: 2})})",
    "CREATE (:V {v: vecf32([1, 2, 3]), d: date('2026-11-24'), t: localtime('10:00:00'), dt: localdatetime('2026-11-24T10:00:00')})",
    "CREATE (:D {duration: duration('P1D')})",
    "UNWIND range(1, 5000) AS i CREATE (:Many {i: i, text: 'text ' + i})-[:EACH {i: i}]->(:Other {x: rand()})",
    "MATCH (m:Many) WHERE m.i < 100 SET m:Marked, m.more = m.i, m += {map: 1, list: ['a', m.i]} REMOVE m.text",
    "MATCH (m:Marked) WHERE m.i < 50 REMOVE m:Marked SET m = {only: 1}",
    "MATCH ()-[e:EACH]->() WHERE e.i < 100 SET e.i = null, e.set = 1.5",
    "MATCH (m:Many)-[e:EACH]->() WHERE m.i > 4900 DELETE e",
    "MATCH (m:Many) WHERE m.i > 4800 DETACH DELETE m",
    "MERGE (n:Merged {key: 1}) ON CREATE SET n.created = timestamp()",
    "CREATE INDEX FOR (n:Indexed) ON (n.one, n.`two words`)",
    "CALL db.idx.fulltext.createNodeIndex({label: 'Full', stopwords: ['the']}, 'title', {field: 'body'})",
    "CREATE VECTOR INDEX FOR (n:Vector) ON (n.e) OPTIONS {dimension: 3, similarityFunction: 'cosine'}",
    "CREATE INDEX FOR ()-[e:KNOWS]-() ON (e.since)",
    "CREATE (:After {last: 1})-[:AFTER]->(:Full)",
  );
  await connection.command("GRAPH.CONSTRAINT", "CREATE", graph, "MANDATORY", "NODE", "Must", "PROPERTIES", 2, "z", "a");
  // A server that copies a graph while a child of it runs, as for the recording, never answers again (FalkorDB 4.16).
  await waitForIdleFork(connection, { timeoutMs: 20_000, signal, exit: "environment" });
  await connection.command("GRAPH.COPY", graph, `${graph} copy`);
  await connection.query(`${graph} copy`, "CREATE (:OfCopy {fresh: 1})");
  const { schemas, hazards } = await follow(recording);
  expect(hazards).toEqual([]);
  for (const name of [graph, `${graph} copy`])
    expect(schemas.known?.graphs.get(0, name)?.names).toEqual(await namesOf(name));
});

describe("a label that was not replicated", () => {
  it("is seen in the next change that names one beyond it, at its offset", async () => {
    const recording = test.use(await record(source.endpoint));
    await poison();
    const before = (await recording.stream()).length;
    await write("CREATE (:Later)");
    const { hazards } = await follow(recording);
    expect(hazards).toMatchObject([{ kind: "schema-unlogged", graph, offset: recording.cut + before }]);
  });

  it("is answered by an increment with a full backup, also where it comes from an earlier increment", async () => {
    await createBackup(context, request());
    await poison();
    expect(await backUpIncrement(context, request())).toMatchObject({ continued: true });
    await write("CREATE (:Later)");
    expect(await backUpIncrement(context, request())).toMatchObject({ continued: false });
    await write("CREATE (:Ghost), (:Later), (:Fresh)");
    expect(await backUpIncrement(context, request())).toMatchObject({ continued: true });
  });

  it("is answered by an archiver with a full backup, also one that continues where another ended", async () => {
    const first = await archive();
    await write("CREATE (:Fine)");
    await first.stop();
    await poison();
    const second = await archive();
    expect(second.base).toBe(first.base);
    await write("CREATE (:Later)");
    await second.flush();
    const isNew = (): true | undefined => (second.base === first.base ? undefined : true);
    await waitFor(isNew, { what: "a new base", timeoutMs: 20_000 });
    await second.stop();
    expect(await lastHazards(first.base)).toMatchObject([{ kind: "schema-unlogged", graph }]);
    expect(await listBackupIds(context.store)).toHaveLength(2);
  });

  it("is confirmed to be missing where the stream cannot show it, from where the names came", async () => {
    const archiver = await archive();
    await poison();
    await archiver.flush();
    const { base } = archiver;
    // By its number it is the label that replicas take for another one.
    await write("CREATE INDEX FOR (n:Other) ON (n.id)", "CREATE (:Ghost)");
    await archiver.flush();
    const isNew = (): true | undefined => (archiver.base === base ? undefined : true);
    await waitFor(isNew, { what: "a new base", timeoutMs: 20_000 });
    await archiver.stop();
    expect(await lastHazards(base)).toMatchObject([
      { kind: "schema-unlogged", message: "the source has other labels, types or property keys than were replicated" },
    ]);
  });
});

it("does not alarm for what was left before the backup, and not twice for the same", async () => {
  await poison();
  const archiver = await archive();
  await write("CREATE (:Later {a: 1})-[:LATER]->(:Ghost)", "MATCH (n:Ghost) SET n:Last");
  await archiver.flush();
  await archiver.stop();
  expect(notes.filter((note) => note.startsWith("hazard"))).toEqual([]);
  expect(await lastHazards(archiver.base)).toEqual([]);
});

it("notices a graph that was not replicated, because a read-only query created it", async () => {
  const { point } = await createBackup(context, request());
  await connection.query("only read", "MATCH (n) RETURN n");
  expect(await backUpIncrement(context, request())).toMatchObject({ continued: false });
  expect(await lastHazards(point.id)).toMatchObject([{ kind: "graph-unlogged", graph: "only read" }]);
  expect(await backUpIncrement(context, request())).toMatchObject({ continued: true });
});
