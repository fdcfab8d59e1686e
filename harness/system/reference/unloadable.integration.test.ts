// A snapshot that no engine loads: `verify` finds it and remembers it, and nothing waits for it.
import { afterAll, beforeAll, expect, it } from "vitest";
import { silentProgress } from "../../base/progress.ts";
import { embeddedEngines } from "../../engine/embedded.ts";
import type { EngineProvider } from "../../engine/engine.ts";
import { backUp, type BackupContext } from "./backup.ts";
import { storeTestBackup } from "./test-backup.ts";
import { type TestSource, testSource } from "./test-source.ts";
import { readValidation } from "./validation.ts";
import { backupFolder } from "./vault.ts";
import { verify } from "./verify.ts";

const engines = embeddedEngines();
const { signal } = new AbortController();
let source: TestSource;
let context: BackupContext;
/** Of a graph that FalkorDB before 4.18 writes and cannot read. */
let point: string;

beforeAll(async () => {
  source = await testSource();
  await source.connection.command("FLUSHALL");
  await source.connection.query("border", "UNWIND range(1, 64000) AS i CREATE (:Entity {i: i})");
  context = await source.newVault();
  const request = { source: source.source, coordinator: undefined, progress: silentProgress, signal };
  point = (await backUp(context, request)).point.id;
});
afterAll(() => source[Symbol.asyncDispose]());

const recordOf = (id: string): ReturnType<typeof readValidation> =>
  readValidation(context.store, backupFolder(id), context.keyring);

it("a verify calls it not recovered, says what is known of it, and marks it", async () => {
  const outcome = await verify(context, undefined, point, engines, signal);
  expect(outcome).toMatchObject({ ok: false, failure: "notRecovered" });
  expect(outcome.problems).toEqual([expect.stringContaining("no engine can be started from this snapshot")]);
  expect(await recordOf(point)).toMatchObject({ ok: false, problems: outcome.problems });
});

it("neither does it load what is no snapshot at all", async () => {
  const { id } = await storeTestBackup(context.store, context.keyring, Buffer.from("no RDB at all"), 65_536);
  expect(await verify(context, undefined, id, engines, signal)).toMatchObject({ ok: false, failure: "notRecovered" });
});

it.each<[string, Error]>([
  ["a fault of this program", new TypeError("undefined is not a function")],
  ["no memory", Object.assign(new Error("spawn ENOMEM"), { code: "ENOMEM" })],
])("a verify that was not carried out for %s says nothing of the backup", async (_, failure) => {
  const { id } = await storeTestBackup(context.store, context.keyring, Buffer.from("whatever"), 65_536);
  const broken: EngineProvider = { ...engines, start: () => Promise.reject(failure) };
  await expect(verify(context, undefined, id, broken, signal)).rejects.toBe(failure);
  expect(await recordOf(id)).toBeUndefined();
});
