// Backups and restores between machines where the network goes silent or a disk is full: each ends within its deadline,
// and names what it waited for or what is full.
import { mkdirSync, readdirSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { isNightly } from "../../base/testing/nightly.ts";
import { silentProgress } from "../../base/progress.ts";
import { serverOf } from "../../engine/server-at.ts";
import { embeddedEngines } from "../../engine/embedded.ts";
import type { Engine } from "../../engine/engine.ts";
import { connect } from "../../falkordb/client/connection.ts";
import { type FaultyProxy, faultyProxy } from "../../fault/network/faulty-proxy.ts";
import { mountSmallDisk, remount } from "../../fault/small-disk.ts";
import { createBackup, type BackupContext } from "../backup/backup.ts";
import { restoreBackup } from "./restore.ts";
import { type TestSource, testSource } from "../testing/test-source.ts";
import { writeRdb } from "./write-rdb.ts";
import { initVault, listBackupIds } from "../store/vault.ts";

const engines = embeddedEngines();
const resources = new AsyncDisposableStack();
const { signal } = new AbortController();
const byFile = { way: "file", engines, progress: silentProgress, signal } as const;
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

const silence = { kind: "half-open", direction: "answer", atByte: 0 } as const;

function through(engine: Engine, { port }: FaultyProxy): Engine {
  return serverOf({ ...engine.endpoint, port });
}

it.each([
  ["before it has said anything", 0, /cannot connect to .*: no answer within 500 ms/],
  ["while it is asked", 200, /no answer within 500 ms to [A-Z.]+ from/],
  ["in the middle of its snapshot", 100_000, /the replication connection to .* broke: .* sent nothing for 500 ms/],
])("a backup whose source goes silent %s ends and says what it waited for", async (_, bytes, said) => {
  await using proxy = await faultyProxy(source.source.endpoint, [{ ...silence, atByte: bytes }]);
  const request = { source: through(source.source, proxy), coordinator: undefined, progress: silentProgress, signal };
  const backup = createBackup({ ...context, silenceMs: 500 }, request);
  await expect(backup).rejects.toMatchObject({ exit: "environment", message: expect.stringMatching(said) as string });
  expect(await listBackupIds(context.store)).toEqual([point]);
});

it("a backup of which only one connection goes silent does not wait for it", async () => {
  await using proxy = await faultyProxy(source.source.endpoint, [{ ...silence, connection: 2, atByte: 300 }]);
  const request = { source: through(source.source, proxy), coordinator: undefined, progress: silentProgress, signal };
  await expect(createBackup({ ...context, silenceMs: 500 }, request)).rejects.toMatchObject({
    exit: "environment",
    message: expect.stringMatching(/timed out after 500 ms waiting for the versions of/) as string,
  });
});

it.runIf(isNightly)("a restore whose target goes silent ends and says what it waited for", async () => {
  await using target = await engines.start({ name: "target" });
  await using proxy = await faultyProxy(target.endpoint);
  const progress = { ...silentProgress, step: (step: string) => void (step === "index" && proxy.inject(silence)) };
  const request = { point, way: "wire", engines, target: through(target, proxy), progress, signal } as const;
  await expect(restoreBackup({ ...context, silenceMs: 5000 }, request)).rejects.toMatchObject({
    exit: "notRecovered",
    message: expect.stringMatching(/answers nothing, though it lives as a replica/) as string,
    hint: expect.stringContaining("REPLICAOF NO ONE") as string,
  });
});

it("a restore whose connections are all reset leaves its target empty and a primary", async () => {
  await using target = await engines.start({ name: "target" });
  await using proxy = await faultyProxy(target.endpoint);
  const resetAll = (): void => {
    proxy.inject({ kind: "reset", direction: "answer", atByte: 0 });
    proxy.recover();
  };
  const progress = { ...silentProgress, step: (step: string) => void (step === "index" && resetAll()) };
  const request = { point, way: "wire", engines, target: through(target, proxy), progress, signal } as const;
  await expect(restoreBackup(context, request)).rejects.toMatchObject({
    message: expect.stringContaining("lost the connection") as string,
  });
  await using connection = await connect(target.endpoint);
  expect((await connection.info("replication"))["role"]).toBe("master");
  expect(await connection.graphs()).toEqual([]);
});

it("a target whose disk is full is named with its folder and its log", async (test) => {
  await using disk = await mountSmallDisk(2 ** 16);
  if (disk === undefined) return test.skip("a full disk needs a user who may mount a tmpfs");
  await using target = await engines.start({ name: "target", redisConfig: { dir: disk.path } });
  const request = { point, way: "wire", engines, target, progress: silentProgress, signal } as const;
  await expect(restoreBackup(context, request)).rejects.toMatchObject({
    exit: "notRecovered",
    findingCode: "target-refused",
    hint: expect.stringMatching(`Its log .* folder ${disk.path} until that is loaded: is there room`) as string,
  });
  await using connection = await connect(target.endpoint);
  expect((await connection.info("replication"))["role"]).toBe("master");
});

it("a vault whose disk is full is named, and holds no part of the backup", async (test) => {
  await using disk = await mountSmallDisk(2 ** 16);
  if (disk === undefined) return test.skip("a full disk needs a user who may mount a tmpfs");
  const store = await initVault(join(disk.path, "vault"));
  const request = { source: source.source, coordinator: undefined, progress: silentProgress, signal };
  await expect(createBackup({ ...context, store, partBytes: 2 ** 16 }, request)).rejects.toMatchObject({
    exit: "environment",
    message: expect.stringMatching(`the vault ${store.where} is full`) as string,
  });
  const left = (await store.list("")).map(({ path }) => path);
  expect(left.filter((path) => !path.startsWith("catalogue/"))).toEqual(["vault.json"]);
});

it.each<[what: string, begin: (path: string) => unknown, midway: (path: string) => unknown, said: string]>([
  ["is full", (path) => fill(path, 2), () => {}, "has no room for the snapshot"],
  ["fills up meanwhile", () => {}, (path) => fill(path, 2), "there is no room for the snapshot in"],
  ["is read-only", (path) => remount(path, "ro"), () => {}, "cannot be used: the file system is read-only"],
  ["is gone", (path) => rmSync(join(path, "to"), { recursive: true }), () => {}, "is not there, and a file has to be"],
  [
    "goes meanwhile",
    () => {},
    (path) => rmSync(join(path, "to"), { recursive: true }),
    "is not there, and a file has to be",
  ],
])("a snapshot for --rdb-out whose folder %s is refused, and nothing of it is left", async (_, begin, midway, said) => {
  await using disk = await mountSmallDisk(4 * 2 ** 20);
  if (disk === undefined) return;
  const { path } = disk;
  const folder = join(path, "to");
  mkdirSync(folder);
  await begin(path);
  const step = (name: string): void => void (name === "decrypt + decompress" && midway(path));
  const request = { point, progress: { ...silentProgress, step }, signal };
  await expect(writeRdb(context, request, join(folder, "snapshot.rdb"))).rejects.toMatchObject({
    exit: "environment",
    message: expect.stringContaining(said) as string,
    hint: expect.any(String) as string,
  });
  expect(readdirSync(path, { recursive: true }).filter((name) => !["to", "filler"].includes(String(name)))).toEqual([]);
});

it.each<[what: string, begin: (path: string) => unknown, said: string]>([
  ["is read-only", (path) => remount(path, "ro"), "cannot be used: the file system is read-only"],
  ["is gone", (path) => rmSync(join(path, "to"), { recursive: true }), "to is not there"],
])("a restore whose temporary folder %s says so", async (_, begin, said) => {
  await using disk = await mountSmallDisk(4 * 2 ** 20);
  if (disk === undefined) return;
  const folder = join(disk.path, "to");
  mkdirSync(folder);
  await begin(disk.path);
  vi.stubEnv("TMPDIR", folder);
  await expect(restoreBackup(context, { point, ...byFile })).rejects.toMatchObject({
    exit: "environment",
    message: expect.stringContaining(said) as string,
    hint: expect.any(String) as string,
  });
});

it("a restore whose temporary folder is full succeeds: its snapshot is never on a disk", async (test) => {
  await using disk = await mountSmallDisk(2 ** 20);
  if (disk === undefined) return test.skip("a full disk needs a user who may mount a tmpfs");
  fill(disk.path, 0);
  vi.stubEnv("TMPDIR", disk.path);
  await using target = (await restoreBackup(context, { point, ...byFile })).target;
  await using connection = await connect(target.endpoint);
  expect((await connection.graphs()).length).toBe(2);
});

/** Leaves so many pages free. */
function fill(path: string, pages: number): void {
  const { bavail, bsize } = statfsSync(path);
  writeFileSync(join(path, "filler"), Buffer.alloc(bavail * bsize - pages * 4096));
}
