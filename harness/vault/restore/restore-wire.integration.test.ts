// Restores over the wire that cannot succeed: each ends within seconds, says why, and leaves its target as it was.
import { randomBytes } from "node:crypto";
import { mkdir, rm, rmdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { isNightly } from "../../base/testing/nightly.ts";
import { systemClock } from "../../base/clock.ts";
import type { Endpoint } from "../../base/endpoint.ts";
import { silentProgress } from "../../base/progress.ts";
import { privateFolder } from "../../base/process/reaper.ts";
import { waitFor } from "../../base/wait.ts";
import { embeddedEngines } from "../../engine/embedded.ts";
import type { Engine } from "../../engine/engine.ts";
import { withSettings } from "../../engine/server-settings.ts";
import { attachReplica } from "../../falkordb/replication/attach-replica.ts";
import { connect, type Connection } from "../../falkordb/client/connection.ts";
import { createBackup, type BackupContext } from "../backup/backup.ts";
import type { Manifest } from "../store/manifest.ts";
import { sealSecret } from "../keys/sealed-secret.ts";
import { markOfRestore, nothingLeft } from "./left-restore.ts";
import { restoreBackup } from "./restore.ts";
import { TargetWatch } from "./target-watch.ts";
import { storeTestBackup } from "../testing/test-backup.ts";
import { serverContent, type TestSource, testSource } from "../testing/test-source.ts";
import { readManifest, writeManifest } from "../store/vault.ts";

const engines = embeddedEngines();
const resources = new AsyncDisposableStack();
const ownAuth = "the target's own";
const limits = { TIMEOUT_DEFAULT: "1", TIMEOUT_MAX: "1", RESULTSET_SIZE: "10" } as const;
let source: TestSource;
let context: BackupContext;
let point: string;
let target: Engine;
let connection: Connection;
let before: unknown;

beforeAll(async () => {
  source = resources.use(await testSource());
  context = await source.newVault();
  const request = { source: source.source, coordinator: undefined, progress: silentProgress };
  point = (await createBackup(context, { ...request, signal: new AbortController().signal })).point.id;
  target = resources.use(await engines.start({ name: "target", moduleArgs: limits }));
  connection = resources.use(await connect(target.endpoint));
  await connection.command("CONFIG", "SET", "masterauth", ownAuth);
  before = await stateOf();
});
afterAll(() => resources.disposeAsync());

/** What a restore must not leave changed. */
async function stateOf(): Promise<unknown> {
  const { role } = await connection.info("replication");
  const names = Object.keys(limits);
  const config = await Promise.all(names.map((name) => connection.command("GRAPH.CONFIG", "GET", name)));
  const masterauth = await connection.command("CONFIG", "GET", "masterauth");
  return [role, await connection.info("keyspace"), (await connection.graphs()).sort(), config, masterauth];
}

function restored(
  id: string,
  { store = context.store, into = target, signal = new AbortController().signal, progress = silentProgress } = {},
): ReturnType<typeof restoreBackup> {
  return restoreBackup({ ...context, store }, { point: id, way: "wire", engines, target: into, progress, signal });
}

async function forged(change: (manifest: Manifest) => Manifest): Promise<string> {
  const manifest = await readManifest(context.store, point, context.keyring);
  const id = `20300101T000000Z-${randomBytes(4).toString("hex")}`;
  for (const { path } of await context.store.list(`backups/${point}/part`))
    await context.store.put(path.replace(point, id), (await context.store.get(path)) ?? Buffer.alloc(0));
  await writeManifest(context.store, change({ ...manifest, id }), await context.keyring.signer());
  return id;
}

function withGraph(change: object): (manifest: Manifest) => Manifest {
  return (manifest) => {
    if (manifest.content === null) throw new Error("the manifest says nothing");
    const graphs = manifest.content.graphs.map((graph) => (graph.name === "people" ? { ...graph, ...change } : graph));
    return { ...manifest, content: { ...manifest.content, graphs } };
  };
}

function withOneByteMore({ parts: [first, ...parts], rawBytes, ...manifest }: Manifest): Manifest {
  if (first === undefined) throw new Error("the backup has no part");
  return { ...manifest, rawBytes: rawBytes + 1, parts: [{ ...first, rawBytes: first.rawBytes + 1 }, ...parts] };
}

it.each<[string, () => Promise<string>, object]>([
  [
    "is not a snapshot",
    async () => (await storeTestBackup(context.store, context.keyring, Buffer.alloc(99_999, "x"), 65_536)).id,
    {
      exit: "notRecovered",
      findingCode: "target-refused",
      hint: expect.stringContaining("/data until that is loaded"),
    },
  ],
  ["holds other counts than it says", () => forged(withGraph({ nodes: 1 })), { exit: "dataWrong" }],
  [
    "holds fewer bytes than it says",
    () => forged(withOneByteMore),
    { exit: "dataWrong", message: expect.stringMatching(/holds \d+ bytes, its manifest says \d+/) },
  ],
  [
    "names a graph that it does not hold",
    () => forged(withGraph({ name: "gh\u0000\u001B[31most" })),
    { exit: "dataWrong", message: expect.stringContaining(String.raw`"gh\u0000\u001b[31most"`) },
  ],
  ["names a database that the target has not", () => forged(withGraph({ database: 99 })), { exit: "usage" }],
])("a backup that %s leaves the target empty, a primary, and with its limits", async (_, make, error) => {
  await expect(restored(await make())).rejects.toMatchObject(error);
  expect(await stateOf()).toEqual(before);
});

it("a restore that is stopped leaves the target empty and a primary", async () => {
  const stop = new AbortController();
  const progress = {
    ...silentProgress,
    step: (name: string) => void (name === "index" && stop.abort(new Error("^C"))),
  };
  await expect(restored(point, { signal: stop.signal, progress })).rejects.toThrow("^C");
  expect(await stateOf()).toEqual(before);
});

it("what a killed restore left is recognised and emptied, and not while that restore is at work", async () => {
  const sealedAuth = (await sealSecret(context.keyring, ownAuth)) ?? "";
  const mark = markOfRestore({ ...nothingLeft, limits: [["TIMEOUT_MAX", 1]], sealedAuth });
  const { server } = await attachReplica(connection, { mark, signal: new AbortController().signal });
  const error: unknown = await restored(point).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ exit: "usage", message: expect.stringContaining("another restore") as string });
  await server[Symbol.asyncDispose]();
  const isDown = async (): Promise<true | undefined> =>
    (await connection.info("replication"))["master_link_status"] === "down" || undefined;
  const { signal } = new AbortController();
  await waitFor(isDown, { what: "the link to be down", timeoutMs: 60_000, exit: "internal", signal });
  const stop = new AbortController();
  const notes: string[] = [];
  const progress = {
    ...silentProgress,
    note: (line: string) => void notes.push(line),
    step: (name: string) => void (name === "index" && stop.abort(new Error("^C"))),
  };
  await expect(restored(point, { signal: stop.signal, progress })).rejects.toThrow("^C");
  expect(notes[0]).toContain("a restore that was killed has left");
  expect(await stateOf()).toEqual(before);
});

it.each<[string, string[][], string[][], object]>([
  [
    "evicts graphs",
    [
      ["CONFIG", "SET", "maxmemory", "20mb"],
      ["CONFIG", "SET", "maxmemory-policy", "allkeys-lru"],
    ],
    [
      ["CONFIG", "SET", "maxmemory", "0"],
      ["CONFIG", "SET", "maxmemory-policy", "noeviction"],
    ],
    { exit: "usage", message: expect.stringContaining("allkeys-lru") },
  ],
  [
    "refuses writes",
    [["CONFIG", "SET", "min-replicas-to-write", "1"]],
    [["CONFIG", "SET", "min-replicas-to-write", "0"]],
    { exit: "environment", message: expect.stringContaining("takes no writes") },
  ],
  [
    "holds functions",
    [["FUNCTION", "LOAD", "#!lua name=l\nredis.register_function('f', function() return 1 end)"]],
    [["FUNCTION", "FLUSH"]],
    { exit: "usage", message: expect.stringContaining("functions (FUNCTION LIST)") },
  ],
  [
    "holds graph functions",
    [["GRAPH.UDF", "LOAD", "lib", "function one() { return 1; } falkor.register('one', one);"]],
    [["GRAPH.UDF", "FLUSH"]],
    { exit: "usage", message: expect.stringContaining("graph functions (GRAPH.UDF LIST)") },
  ],
])("a target that %s is refused before it is touched", async (_, make, undo, error) => {
  for (const [name = "", ...args] of make) await connection.command(name, ...args);
  await expect(restored(point)).rejects.toMatchObject(error);
  for (const [name = "", ...args] of undo) await connection.command(name, ...args);
  expect(await stateOf()).toEqual(before);
});

it("a target that the graphs do not fit into is refused before it is touched, or found before it becomes a primary", async () => {
  const { used_memory: used } = await connection.info("memory");
  await connection.command("CONFIG", "SET", "maxmemory", Number(used) + 200_000);
  await expect(restored(point)).rejects.toMatchObject({
    exit: "environment",
    message: expect.stringContaining("when they were backed up") as string,
  });
  // As earlier versions made them.
  const unrecorded = await forged(({ source: { memory: _memory, ...facts }, ...manifest }) => ({
    ...manifest,
    source: facts,
  }));
  await expect(restored(unrecorded)).rejects.toMatchObject({ exit: "notRecovered", findingCode: "target-unfit" });
  await connection.command("CONFIG", "SET", "maxmemory", 0);
  expect(await stateOf()).toEqual(before);
});

it("limits on queries neither end a restore nor are they lost by it", async () => {
  expect((await restored(point)).phases.map(({ name }) => name)).toContain("index build");
  const settings = (before as unknown[]).slice(3);
  expect(await stateOf()).toEqual(["master", expect.anything(), ["empty", "people"], ...settings]);
  for (const name of ["TIMEOUT_DEFAULT", "TIMEOUT_MAX"]) await connection.command("GRAPH.CONFIG", "SET", name, 0);
  await connection.command("GRAPH.CONFIG", "SET", "RESULTSET_SIZE", -1);
  expect(await serverContent(target.endpoint)).toEqual(await serverContent(source.source.endpoint));
});

it("a target that crashes in the middle ends the restore within seconds", async () => {
  await using mortal = await engines.start({ name: "mortal" });
  const step = (name: string): void => void (name === "load" && mortal.kill());
  const startedMs = systemClock.monotonicMs();
  await expect(restored(point, { into: mortal, progress: { ...silentProgress, step } })).rejects.toMatchObject({
    exit: "notRecovered",
    findingCode: "target-gone",
    message: expect.stringMatching(/ended during the restore/) as string,
    hint: expect.stringContaining("REPLICAOF NO ONE") as string,
  });
  expect(systemClock.monotonicMs() - startedMs).toBeLessThan(20_000);
});

it("a target without a command, a permission or a password that it needs is refused in plain words", async () => {
  await using other = await engines.start({ name: "other", redisConfig: { "rename-command": "CONFIG NOCONFIG" } });
  const { host, port } = other.endpoint;
  const refused = async (endpoint: Endpoint): Promise<string> => {
    const error: unknown = await restored(point, { into: { ...other, endpoint } }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ exit: "environment" });
    return (error as Error).message;
  };
  expect(await refused(other.endpoint)).toContain("has no command CONFIG");
  expect(await refused({ host, port })).toContain("wants a password");
  await connection.command("ACL", "SETUSER", "low", "on", ">secret", "~*", "+info");
  const low = { ...target.endpoint, username: "low", password: "secret" };
  expect(await refused(low)).toContain("does not let this user run CONFIG");
  await connection.command("ACL", "DELUSER", "low");
});

it.runIf(isNightly)("a target that cannot write its append-only file is refused, and emptied again", async () => {
  // FalkorDB cannot rewrite such a file without the preamble: its child ends with signal 11.
  const redisConfig = { appendonly: "yes", "aof-use-rdb-preamble": "no" };
  const message = expect.stringContaining("append-only file") as string;
  const byFile = { way: "file", engines: withSettings(engines, redisConfig), progress: silentProgress } as const;
  const { signal } = new AbortController();
  await expect(restoreBackup(context, { point, ...byFile, signal })).rejects.toMatchObject({
    exit: "environment",
    message,
  });
  await using other = await engines.start({ redisConfig });
  const refused = { exit: "notRecovered", findingCode: "target-unfit", message };
  await expect(restored(point, { into: other })).rejects.toMatchObject(refused);
  await using ask = await connect(other.endpoint);
  expect(await ask.command("DBSIZE")).toBe(0);
});

it.runIf(isNightly)(
  "a target that takes no writes as a primary keeps refusing them, and the next restore empties it",
  async () => {
    await using dir = await privateFolder("no-snapshots");
    const dump = join(dir.path, "dump.rdb");
    await using other = await engines.start({ name: "other", redisConfig: { dir: dir.path } });
    await using ask = await connect(other.endpoint);
    const isDenied = async (): Promise<true | undefined> =>
      (await ask.info("persistence"))["rdb_last_bgsave_status"] === "err" || undefined;
    const failSnapshots = async (...[until, ...rest]: Parameters<Engine["ready"]>): Promise<void> => {
      await other.ready(until, ...rest);
      // A snapshot cannot be renamed to a folder.
      await rm(dump, { force: true });
      await mkdir(dump);
      await ask.command("CONFIG", "SET", "save", "3600 1");
      await ask.command("BGSAVE");
      await waitFor(isDenied, { what: "a failed snapshot", timeoutMs: 60_000, exit: "internal" });
    };
    const into = { ...other, endpoint: other.endpoint, ready: failSnapshots };
    await expect(restored(point, { into })).rejects.toMatchObject({
      exit: "notRecovered",
      findingCode: "target-unfit",
      message: expect.stringContaining("MISCONF") as string,
      hint: expect.stringContaining("FLUSHALL") as string,
    });
    await ask.command("CONFIG", "SET", "save", "");
    await rmdir(dump);
    await expect(ask.command("SET", "a", "b")).rejects.toThrow("NOREPLICAS");
    const notes: string[] = [];
    const progress = { ...silentProgress, note: (line: string) => void notes.push(line) };
    await restored(point, { into: other, progress });
    expect(notes.join(" ")).toContain("it was emptied");
    await ask.command("SET", "a", "b");
  },
);

it("a link that ends because the target was released is no loss of it", async () => {
  const { run_id: runId = "" } = await connection.info("server");
  await using watch = new TargetWatch(target.endpoint, runId, 60_000, new AbortController().signal);
  watch.expectReplica(undefined);
  watch.linkLost(new Error("the target left"));
  expect(await watch.whyLost()).toBeUndefined();
});
