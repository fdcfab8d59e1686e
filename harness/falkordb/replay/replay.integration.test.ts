// The stream of a real server, replayed into another one that was started from the snapshot before it.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { embeddedEngines } from "../../engine/embedded.ts";
import { loadDespiteStall } from "../../engine/stall-watch.ts";
import { privateFolder } from "../../base/process/reaper.ts";
import { waitFor } from "../../base/wait.ts";
import { attachReplica } from "../replication/attach-replica.ts";
import { connect, type Connection } from "../client/connection.ts";
import { waitForIdleFork } from "../client/fork-wait.ts";
import { lastBoundary, type Replayed, replay } from "./replay.ts";
import { record, type Recording } from "../testing/test-recording.ts";
import { streamOffset } from "../client/stream-offset.ts";

const signal = new AbortController().signal;
const resources = new AsyncDisposableStack();
const chunkBytes = 999;
let source: Connection;
let recording: Recording;
let base: string;
/** Offsets of the source after each step. */
const offsets: Record<string, number> = {};

const questions: readonly [graph: string, cypher: string][] = [
  ["people", "MATCH (n) RETURN labels(n), count(n), sum(n.v), sum(n.r) ORDER BY labels(n)[0]"],
  ["people", "MATCH ()-[e]->() RETURN type(e), count(e), sum(e.at)"],
  ["people", "MATCH (n:Person) WHERE n.id >= 0 RETURN count(n)"],
  ["people", "CALL db.idx.fulltext.queryNodes('Person', 'changed') YIELD node RETURN count(node)"],
  ["people", "CALL db.indexes() YIELD label, properties, status RETURN label, properties, status ORDER BY label"],
  ["people", "CALL db.constraints() YIELD type, label, properties, status RETURN type, label, properties, status"],
  ["copy", "MATCH (n) RETURN count(n), sum(n.id)"],
];

async function answers(connection: Connection): Promise<unknown[]> {
  const read = async ([graph, cypher]: readonly [string, string]): Promise<unknown> =>
    (await connection.graphs()).includes(graph) ? (await connection.roQuery(graph, cypher)).rows : "no graph";
  const found = [];
  for (const question of questions) found.push(await read(question));
  return [...found, (await connection.graphs()).toSorted(), await connection.command("GET", "in transaction")];
}

async function operational(connection: Connection): Promise<void> {
  const isDone = async (): Promise<true | undefined> => {
    const all =
      "CALL db.indexes() YIELD status RETURN status UNION ALL CALL db.constraints() YIELD status RETURN status";
    const { rows } = await connection.roQuery("people", all);
    return rows.every(([status]) => status === "OPERATIONAL") || undefined;
  };
  await waitFor(isDone, { what: "indexes and constraints", timeoutMs: 20_000 });
}

async function note(step: string): Promise<void> {
  offsets[step] = await streamOffset(source);
}

async function* chunksOf(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += chunkBytes)
    yield await Promise.resolve(bytes.subarray(at, at + chunkBytes));
}

interface Result {
  readonly offset: number;
  readonly outcome: Replayed;
  readonly connection: Connection;
}

async function replayed(asked: number | "all", given?: Buffer): Promise<Result> {
  const moduleArgs = { DELAY_INDEXING: "yes", TIMEOUT_MAX: "30000" };
  const start = { rdb: base, name: "target", readiness: "loaded", moduleArgs } as const;
  const engine = resources.use(await loadDespiteStall(() => embeddedEngines().start(start)));
  const connection = resources.use(await connect(engine.endpoint));
  await using replica = await attachReplica(connection, { signal });
  const bytes = given ?? (await recording.stream());
  const from = recording.cut;
  const offset = asked === "all" ? from + bytes.length : await lastBoundary(chunksOf(bytes), from, asked);
  const options = { from, to: offset, database: 0, stream: chunksOf(bytes), dataOnly: [], silenceMs: 30_000, signal };
  const outcome = await replay(connection, replica.server, options);
  await replica.detach();
  return { offset, outcome, connection };
}

beforeAll(async () => {
  const engine = resources.use(
    await embeddedEngines().start({ name: "source", moduleArgs: { EFFECTS_THRESHOLD: "0" } }),
  );
  source = resources.use(await connect(engine.endpoint));
  await source.query("people", "UNWIND range(1, 500) AS i CREATE (:Person {id: i, v: 0, name: 'name ' + i})");
  await source.query("people", "CREATE INDEX FOR (p:Person) ON (p.id)");
  recording = resources.use(await record(engine.endpoint));
  const folder = resources.use(await privateFolder("replay-test"));
  base = join(folder.path, "base.rdb");
  await writeFile(base, recording.snapshot);
  for (let id = 1; id <= 300; id++) {
    await source.query(
      "people",
      "MATCH (p:Person {id: $id}) SET p.v = p.v + 1, p.r = rand(), p.name = 'changed' CREATE (p)-[:DID {at: timestamp()}]->(:Thing)",
      { id },
    );
    if (id === 150) await note("half");
  }
  await source.query("people", "MATCH (p:Person) WHERE p.id > 400 DETACH DELETE p");
  await note("deleted");
  await source.query("people", "CALL db.idx.fulltext.createNodeIndex('Person', 'name')");
  await source.command("GRAPH.CONSTRAINT", "CREATE", "people", "UNIQUE", "NODE", "Person", "PROPERTIES", 1, "id");
  await operational(source);
  await source.command("MULTI");
  await source.command("SET", "in transaction", "yes");
  await source.command("GRAPH.QUERY", "people", "CREATE (:Person {id: 1000, v: 1})");
  await source.command("EXEC");
  await note("transaction");
  // A server that copies a graph while a child of it runs never answers again (FalkorDB 4.16).
  await waitForIdleFork(source, { timeoutMs: 20_000, signal, exit: "environment" });
  await source.command("GRAPH.COPY", "people", "copy");
  await source.query("copy", "MATCH (n:Person) WHERE n.id < 10 DETACH DELETE n");
  await note("copied");
});

afterAll(() => resources.disposeAsync());

it("gives the same graphs, values of rand() and timestamp(), indexes and constraints", async () => {
  const { offset, outcome, connection } = await replayed("all");
  expect(offset).toBeGreaterThanOrEqual(offsets["copied"] ?? 0);
  expect(outcome.commands).toBeGreaterThan(300);
  await operational(connection);
  expect(await answers(connection)).toEqual(await answers(source));
  expect(await connection.command("GRAPH.CONFIG", "GET", "TIMEOUT_MAX")).toEqual(["TIMEOUT_MAX", 30_000]);
  await connection.query("people", "CREATE (:After)");
});

it("stops at the offset asked for, and between commands where that is inside one", async () => {
  const half = offsets["half"] ?? 0;
  for (const to of [half, half + 5]) {
    const { offset, connection } = await replayed(to);
    expect(offset).toBe(half);
    const { rows } = await connection.roQuery("people", "MATCH (p:Person) RETURN sum(p.v), count(p)");
    expect(rows).toEqual([[150, 500]]);
  }
});

it("does not take a transaction in part", async () => {
  const { offset, connection } = await replayed((offsets["transaction"] ?? 0) - 1);
  expect(offset).toBeLessThan((offsets["transaction"] ?? 0) - 100);
  expect(await connection.command("GET", "in transaction")).toBeNull();
});

it("refuses a stream that the target cannot carry out, and names the errors", async () => {
  const stream = Buffer.from("*3\r\n$4\r\nINCR\r\n$1\r\na\r\n$1\r\nb\r\n");
  await expect(replayed("all", stream)).rejects.toMatchObject({
    findingCode: "replay-error",
    message: "the target answered 1 of the replayed commands with an error: 1x ERR",
  });
});

it("refuses a stream that ends inside a command, or too early", async () => {
  const whole = Buffer.from("*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\nb\r\n");
  await expect(replayed("all", whole.subarray(0, -3))).rejects.toMatchObject({ findingCode: "replay-incomplete" });
});

it("refuses a load from a file, and says what can be reached", async () => {
  const text = "LOAD CSV FROM 'file://x.csv' AS row CREATE (:Row)";
  const stream = Buffer.from(`*3\r\n$11\r\nGRAPH.QUERY\r\n$1\r\ng\r\n$${text.length}\r\n${text}\r\n`);
  await expect(replayed("all", stream)).rejects.toMatchObject({
    findingCode: "replay-unrepeatable",
    hint: `Restore to offset ${recording.cut}, which is before it.`,
  });
});

it("leaves nothing behind on the link, however many pieces a stream is sent in", async () => {
  const engine = resources.use(await embeddedEngines().start({ name: "target" }));
  const connection = resources.use(await connect(engine.endpoint));
  await using replica = await attachReplica(connection, { signal });
  const warnings: string[] = [];
  const warned = ({ message }: Error): void => void warnings.push(message);
  process.on("warning", warned);
  for (let piece = 0; piece < 20; piece += 1)
    await replica.server.stream(chunksOf(Buffer.from("*1\r\n$4\r\nPING\r\n")), 30_000);
  process.off("warning", warned);
  expect(warnings).toEqual([]);
});
