// Restores into servers that are set as in production: with an append-only file, or with a limit on memory.
import { afterAll, beforeAll, expect, it } from "vitest";
import { silentProgress } from "../../base/progress.ts";
import { embeddedEngines } from "../../engine/embedded.ts";
import type { Engine } from "../../engine/engine.ts";
import { withSettings } from "../../engine/server-settings.ts";
import { connect } from "../../falkordb/client/connection.ts";
import { type BackupContext, createBackup } from "../backup/backup.ts";
import { contentOf, type TestSource, testSource } from "../testing/test-source.ts";
import { restoreBackup } from "./restore.ts";

const engines = embeddedEngines();
const { signal } = new AbortController();
const resources = new AsyncDisposableStack();
let source: TestSource;
let context: BackupContext;
let point: string;

beforeAll(async () => {
  source = resources.use(await testSource());
  context = await source.newVault();
  const request = { source: source.source, coordinator: undefined, progress: silentProgress, signal };
  point = (await createBackup(context, request)).point.id;
});
afterAll(() => resources.disposeAsync());

async function byFile(settings: Readonly<Record<string, string>>): Promise<Engine> {
  const request = { point, engines: withSettings(engines, settings), progress: silentProgress, signal };
  return (await restoreBackup(context, { ...request, way: "file" })).target;
}

async function byWire(target: Engine): Promise<void> {
  await restoreBackup(context, { point, way: "wire", engines, target, progress: silentProgress, signal });
}

it.each(["file", "wire"])("what came back by %s is in the append-only file before the restore ends", async (way) => {
  const appendonly = { appendonly: "YES", databases: "1024" };
  await using target = way === "file" ? await byFile(appendonly) : await engines.start({ redisConfig: appendonly });
  if (way === "wire") await byWire(target);
  await target.kill();
  await target.restart({ redisConfig: appendonly });
  expect(await contentOf(target.endpoint)).toEqual(await contentOf(source.source.endpoint));
});

/** FalkorDB cannot rewrite an append-only file without the preamble: its child ends with signal 11. */
const unwritable = { appendonly: "yes", "aof-use-rdb-preamble": "no" };
const message = expect.stringContaining("append-only file") as string;

it("a target that cannot write its append-only file is refused, and emptied again", async () => {
  await expect(byFile(unwritable)).rejects.toMatchObject({ exit: "environment", message });
  await using target = await engines.start({ redisConfig: unwritable });
  await expect(byWire(target)).rejects.toMatchObject({ exit: "notRecovered", findingCode: "target-unfit", message });
  await using connection = await connect(target.endpoint);
  expect(await connection.command("DBSIZE")).toBe(0);
});

it.each([
  ["noeviction", "do not fit into"],
  ["allkeys-lru", "evicted"],
])("a target of ours with too little memory and %s is refused", async (policy, words) => {
  const little = byFile({ maxmemory: "3mb", "maxmemory-policy": policy });
  await expect(little).rejects.toMatchObject({
    exit: "notRecovered",
    findingCode: "target-unfit",
    message: expect.stringContaining(words) as string,
  });
});
