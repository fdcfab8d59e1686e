// Increments on demand, on a real server that keeps what they need.
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { silentProgress } from "../../base/progress.ts";
import type { Engine } from "../../engine/engine.ts";
import type { Connection } from "../../falkordb/client/connection.ts";
import { createBackup, type BackupContext } from "../backup/backup.ts";
import { backUpIncrement, type IncrementOptions } from "./increment.ts";
import { replayChain } from "../testing/test-replay.ts";
import { serverContent, type TestSource, testSource } from "../testing/test-source.ts";

let test: TestSource;
let source: Engine;
let connection: Connection;
let context: BackupContext;

beforeAll(async () => {
  test = await testSource({ moduleArgs: { EFFECTS_THRESHOLD: "0" } });
  ({ source, connection } = test);
});
afterAll(() => test[Symbol.asyncDispose]());
beforeEach(async () => {
  context = await test.newVault();
});

const request = (): Parameters<typeof createBackup>[1] => ({
  source,
  coordinator: undefined,
  progress: silentProgress,
  signal: new AbortController().signal,
});
const increment = (options: IncrementOptions = {}): ReturnType<typeof backUpIncrement> =>
  backUpIncrement(context, request(), options);

it("adds what came since, one segment a call, also where that is nothing", async () => {
  const { point } = await createBackup(context, request());
  for (const value of [1, 2]) {
    await connection.query(
      "people",
      "MATCH (p:Person) WHERE p.id < 50 SET p.secret = toString(rand()), p.weight = $value",
      { value },
    );
    expect(await increment({ noFull: true })).toMatchObject({ base: point.id, continued: true });
  }
  const nothing = await increment({ noFull: true });
  expect(nothing).toMatchObject({ base: point.id, continued: true });
  const { engine, segments } = await replayChain(context.store, context.keyring, point.id);
  await using target = engine;
  expect(segments.map(({ commands }) => commands["GRAPH.EFFECT"] ?? 0)).toEqual([1, 1, 0]);
  expect(nothing.offset).toBe(segments.at(-1)?.to);
  expect(await serverContent(target.endpoint)).toEqual(await serverContent(source.endpoint));
});

it("begins with a full backup, or refuses to", async () => {
  await expect(increment({ noFull: true })).rejects.toThrow("the vault holds no backup yet");
  expect(await increment()).toMatchObject({ continued: false });
  expect(await increment()).toMatchObject({ continued: true });
});

it("makes a full backup where the server has not kept enough, and says so", async () => {
  const first = await increment();
  await connection.command("CONFIG", "SET", "repl-backlog-size", 16_384);
  await connection.query("people", "UNWIND range(1, 3000) AS i CREATE (:Filler {text: toString(rand())})");
  await expect(increment({ noFull: true })).rejects.toThrow("the server's backlog begins at offset");
  const second = await increment();
  expect(second.continued).toBe(false);
  expect(second.base).not.toBe(first.base);
  await connection.command("CONFIG", "SET", "repl-backlog-size", 1_048_576);
});

it("answers a change replicated as text with a full backup", async () => {
  const first = await increment();
  await connection.command("GRAPH.CONFIG", "SET", "EFFECTS_THRESHOLD", 1_000_000);
  await connection.query("people", "MATCH (p:Person) WITH p LIMIT 5 SET p.name = 'text'");
  await connection.command("GRAPH.CONFIG", "SET", "EFFECTS_THRESHOLD", 0);
  const second = await increment();
  expect(second.continued).toBe(false);
  expect(second.base).not.toBe(first.base);
  expect(await increment()).toMatchObject({ base: second.base, continued: true });
});

// Runs last, as it removes what the others work with.
it("refuses a source that lost most of what the vault holds of it, unless that is allowed", async () => {
  const empty = await test.newVault();
  const { point } = await createBackup(context, request());
  const before = (await context.store.list("")).map(({ path }) => path);
  await connection.command("FLUSHALL");
  const refused = { exit: "dataWrong", findingCode: "source-shrunk" };
  await expect(createBackup({ ...context, ifShrunk: "refuse" }, request())).rejects.toMatchObject({
    ...refused,
    message: expect.stringMatching(`nodes in ${point.id}, now 0`) as string,
  });
  await connection.query("people", "CREATE (:Person {id: 1})");
  // Replicated as text, a change cannot be an increment: a full backup is due, and refused as well.
  const byText = { ...context, ifShrunk: "refuse" } as const;
  await connection.command("GRAPH.CONFIG", "SET", "EFFECTS_THRESHOLD", 1_000_000);
  await connection.query("people", "MATCH (p:Person) SET p.name = 'text'");
  await expect(backUpIncrement(byText, request())).rejects.toMatchObject(refused);
  expect((await context.store.list("backups/")).map(({ path }) => path)).toEqual(
    before.filter((path) => path.startsWith("backups/")),
  );
  // As the next base of an archiver, it is reported and stored.
  const notes: string[] = [];
  const progress = { ...silentProgress, note: (line: string) => void notes.push(line) };
  await createBackup(context, { ...request(), progress });
  expect(notes.join()).toContain(`nodes in ${point.id}, now 1`);
  await createBackup({ ...context, ifShrunk: "allow" }, request());
  await createBackup({ ...context, ifShrunk: "refuse" }, request());
  // The first backup of an empty server still needs no confirmation.
  await connection.command("FLUSHALL");
  await createBackup({ ...empty, ifShrunk: "refuse" }, request());
});
