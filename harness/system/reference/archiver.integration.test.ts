// The archiver on a real server: what it stores, replayed on the base, is what the source holds.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Progress } from "../../base/progress.ts";
import { waitFor } from "../../base/wait.ts";
import type { Engine } from "../../engine/engine.ts";
import type { Connection } from "../../falkordb/connection.ts";
import { type ArchiveOptions, ReferenceArchiver } from "./archiver.ts";
import type { BackupContext } from "./backup.ts";
import { listSegments, readChain } from "./segments.ts";
import { replayChain } from "./test-replay.ts";
import { contentOf, settingsOf, type TestSource, testSource } from "./test-source.ts";
import { listBackupIds } from "./vault.ts";

let test: TestSource;
let source: Engine;
let connection: Connection;
let context: BackupContext;
let notes: string[];
let things: AsyncDisposableStack;
const progress: Progress = { step: () => {}, advance: () => {}, note: (line) => void notes.push(line) };

beforeAll(async () => {
  test = await testSource();
  ({ source, connection } = test);
});
afterAll(() => test[Symbol.asyncDispose]());
beforeEach(async () => {
  notes = [];
  things = new AsyncDisposableStack();
  context = await test.newVault();
});
afterEach(() => things.disposeAsync());

async function archive(options: Partial<ArchiveOptions> = {}): Promise<ReferenceArchiver> {
  const signal = new AbortController().signal;
  const all = { source, coordinator: undefined, progress, signal, segmentBytes: 2 ** 20, segmentAgeMs: 60_000 };
  return things.use(await ReferenceArchiver.start(context, { ...all, rebaseMinMs: 0, ...options }));
}

async function write(times: number): Promise<void> {
  for (let index = 0; index < times; index++) {
    await connection.query(
      "people",
      "MATCH (p:Person {id: 1 + toInteger(rand() * 2999)}) SET p.secret = toString(rand()), p.at = timestamp() " +
        "CREATE (p)-[:KNOWS {since: toInteger(rand() * 1000), fact: 'new'}]->(:Thing {v: rand()})",
    );
  }
}

/** What the source holds, and what its chain gives, are the same. */
async function expectSame(base: string): Promise<void> {
  const { engine, errors } = await replayChain(context.store, context.keyring, base);
  await using target = engine;
  expect(errors).toEqual([]);
  expect(await contentOf(target.endpoint)).toEqual(await contentOf(source.endpoint));
}

describe("an archiver", () => {
  it("begins with a full backup, and its chain gives what the source holds", async () => {
    const before = await settingsOf(source.endpoint);
    const archiver = await archive();
    await write(50);
    const { offset } = await archiver.flush();
    await write(50);
    await archiver.stop();
    const heads = await Array.fromAsync(readChain(context.store, archiver.base, context.keyring));
    expect(heads.map(({ manifest }) => manifest.sealed)).toEqual(["request", "shutdown"]);
    expect(heads[0]?.manifest.to).toBe(offset);
    expect(heads[0]?.manifest.commands["GRAPH.EFFECT"]).toBe(50);
    expect(heads.flatMap(({ manifest }) => manifest.hazards)).toEqual([]);
    await expectSame(archiver.base);
    expect(await settingsOf(source.endpoint)).toEqual(before);
    expect(await connection.command("GRAPH.CONFIG", "GET", "EFFECTS_THRESHOLD")).toEqual(["EFFECTS_THRESHOLD", 300]);
    expect(await context.store.list("guest/")).toEqual([]);
    expect(await context.store.list("locks/")).toEqual([]);
  });

  it("goes on after a lost connection without a gap", async () => {
    const archiver = await archive();
    await write(20);
    for (let time = 0; time < 3; time++) {
      await connection.command("CLIENT", "KILL", "TYPE", "replica");
      await write(20);
    }
    await archiver.flush();
    await archiver.stop();
    expect(notes.filter((note) => note.includes("interrupted"))).not.toEqual([]);
    expect(await listBackupIds(context.store)).toEqual([archiver.base]);
    await expectSame(archiver.base);
  });

  it("given up without a word, is continued by the next one from what was sealed", async () => {
    const first = await archive();
    await write(20);
    await first.flush();
    await write(20);
    await first[Symbol.asyncDispose]();
    await write(20);
    const second = await archive();
    expect(second.base).toBe(first.base);
    await write(20);
    await second.stop();
    expect(notes.filter((note) => note.startsWith("GAP"))).toEqual([]);
    await expectSame(first.base);
  });

  it("says where the gap is when the server cannot go on, and begins again", async () => {
    const first = await archive({ backlogBytes: 16_384 });
    await connection.command("CONFIG", "SET", "repl-backlog-size", 16_384);
    await write(5);
    await first.stop();
    await connection.command("CONFIG", "SET", "repl-backlog-size", 16_384);
    await connection.query("people", "UNWIND range(1, 3000) AS i CREATE (:Filler {text: toString(rand())})");
    const second = await archive();
    expect(second.base).not.toBe(first.base);
    expect(notes.find((note) => note.startsWith("GAP"))).toContain(first.base);
    await connection.query("people", "MATCH (f:Filler) DELETE f");
    await second.stop();
    await expectSame(second.base);
  });

  it("answers a query told as text with a new full backup, and sets EFFECTS_THRESHOLD again", async () => {
    const archiver = await archive();
    const first = archiver.base;
    await connection.command("GRAPH.CONFIG", "SET", "EFFECTS_THRESHOLD", 1_000_000);
    await connection.query("people", "MATCH (p:Person) WHERE p.id > 0 WITH p LIMIT 10 SET p.name = 'chosen'");
    const isNew = (): true | undefined => (archiver.base === first ? undefined : true);
    await waitFor(isNew, { what: "a new base", timeoutMs: 20_000 });
    const isBack = async (): Promise<true | undefined> =>
      String(await connection.command("GRAPH.CONFIG", "GET", "EFFECTS_THRESHOLD")).endsWith(",0") || undefined;
    await waitFor(isBack, { what: "the threshold to be 0 again", timeoutMs: 20_000 });
    await write(5);
    await archiver.stop();
    expect(notes.find((note) => note.startsWith("hazard"))).toContain('in graph "people"');
    await expectSame(archiver.base);
    const old = await Array.fromAsync(readChain(context.store, first, context.keyring));
    expect(old.at(-1)?.manifest.hazards[0]).toMatchObject({ kind: "query-text", graph: "people" });
  });

  it("refuses to be two", async () => {
    const archiver = await archive();
    await expect(archive()).rejects.toThrow("has an archiver already");
    await archiver.stop();
    expect(await listSegments(context.store, archiver.base)).toEqual([]);
  });
});
