// An archiver in trouble: a vault that takes no new backup, connections that break, an end before the beginning.
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import type { Progress } from "../../base/progress.ts";
import { waitFor } from "../../base/wait.ts";
import type { Engine } from "../../engine/engine.ts";
import type { Connection } from "../../falkordb/client/connection.ts";
import type { ArchiveOptions } from "./archive-options.ts";
import { archiveSettings } from "./archive-settings.ts";
import { ArchiveSource } from "./archive-source.ts";
import { ReferenceArchiver } from "./archiver.ts";
import type { BackupContext } from "../backup/backup.ts";
import { type Store, StoreError } from "../store/store.ts";
import { replayChain } from "../testing/test-replay.ts";
import { serverContent, serverSettings, type TestSource, testSource } from "../testing/test-source.ts";

let test: TestSource;
let source: Engine;
let connection: Connection;
let context: BackupContext;
let notes: string[];
let resources: AsyncDisposableStack;
const { signal } = new AbortController();
const progress: Progress = { step: () => {}, advance: () => {}, note: (line) => void notes.push(line) };

beforeAll(async () => {
  test = await testSource();
  ({ source, connection } = test);
});
afterAll(() => test[Symbol.asyncDispose]());
beforeEach(async () => {
  notes = [];
  resources = new AsyncDisposableStack();
  context = await test.newVault();
});
afterEach(() => resources.disposeAsync());

async function archive(options: Partial<ArchiveOptions> = {}): Promise<ReferenceArchiver> {
  const all = { source, coordinator: undefined, progress, signal, segmentBytes: 2 ** 20, segmentAgeMs: 60_000 };
  return resources.use(await ReferenceArchiver.start(context, { ...all, rebaseMinMs: 0, ...options }));
}

/** How many times more the vault refuses a backup, as one that is full does. */
let refusals = 0;
beforeEach(() => {
  refusals = 0;
  const { store } = context;
  const put: Store["put"] = (path, bytes) => {
    if (!path.startsWith("backups/") || refusals-- <= 0) return store.put(path, bytes);
    return Promise.reject(new StoreError("full", "the vault is full", "Free some space."));
  };
  context = { ...context, store: { ...store, put } };
});
const beHazardous = async (): Promise<void> => {
  await connection.command("GRAPH.CONFIG", "SET", "EFFECTS_THRESHOLD", 1_000_000);
  await connection.query("people", "MATCH (p:Person) WHERE p.id > 0 WITH p LIMIT 10 SET p.name = 'other'");
};
const replicas = async (): Promise<string> => String(await connection.command("CLIENT", "LIST", "TYPE", "replica"));

it("retries the full backup after a hazard, and follows the old chain until then", async () => {
  const archiver = await archive();
  const first = archiver.base;
  refusals = 2;
  await beHazardous();
  const isNew = (): true | undefined => (archiver.base === first ? undefined : true);
  await waitFor(isNew, { what: "a new base", timeoutMs: 20_000, signal, exit: "internal" });
  expect(notes.filter((note) => note.startsWith("the vault is full"))).toHaveLength(1);
  await connection.query("people", "CREATE (:Note {text: 'later'})");
  await archiver.stop();
  expect(notes.filter((note) => /gap/i.test(note))).toEqual([]);
  const { engine, errors } = await replayChain(context.store, context.keyring, archiver.base);
  await using target = engine;
  expect(errors).toEqual([]);
  expect(await serverContent(target.endpoint)).toEqual(await serverContent(source.endpoint));
});

it("gives up a full backup that never works, and nothing runs on after the error", async () => {
  const archiver = await archive({ giveUpMs: 300 });
  refusals = Number.POSITIVE_INFINITY;
  await beHazardous();
  await expect(archiver.ended).rejects.toThrow("the vault is full");
  expect(await replicas()).toBe("");
  expect(await context.store.list("locks/")).toEqual([]);
  expect(await context.store.list("guest/")).toEqual([]);
});

it("ends where it was stopped before it began", async () => {
  const first = await archive();
  await first.stop();
  const controller = new AbortController();
  const second = archive({ signal: controller.signal });
  controller.abort();
  const archiver = await second;
  await archiver.ended;
  expect(archiver.base).toBe(first.base);
});

it("opens one new connection to the source, however many find the old one broken", async () => {
  const before = await serverSettings(source.endpoint);
  const [note, settings] = [(): void => {}, archiveSettings(2 ** 27)];
  const open = new ArchiveSource({ endpoint: source.endpoint, store: context.store, settings, note, signal });
  await open.connection();
  await connection.command("CLIENT", "KILL", "TYPE", "normal");
  const all = await Promise.all([open.connection(), open.connection(), open.connection()]);
  expect(new Set(all).size).toBe(1);
  const clients = String(await connection.command("CLIENT", "LIST"));
  expect(clients.match(/name=falkordrill-archive /g)).toHaveLength(1);
  await connection.command("CLIENT", "KILL", "TYPE", "normal");
  await open[Symbol.asyncDispose]();
  expect(await serverSettings(source.endpoint)).toEqual(before);
  expect(await context.store.list("guest/")).toEqual([]);
});
