// The archiver on a real server: what it stores, replayed on the base, is what the source holds.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { isNightly } from "../../base/testing/nightly.ts";
import type { Progress } from "../../base/progress.ts";
import { waitFor } from "../../base/wait.ts";
import { embeddedEngines } from "../../engine/embedded.ts";
import type { Engine } from "../../engine/engine.ts";
import type { Connection } from "../../falkordb/client/connection.ts";
import type { ArchiveOptions } from "./archive-options.ts";
import { ReferenceArchiver } from "./archiver.ts";
import type { BackupContext } from "../backup/backup.ts";
import { problemsOf } from "../catalogue/check-vault.ts";
import { proofFolder, readProofs } from "../chain/proofs.ts";
import { listSegments, readBase, readChain, segmentFolder } from "../chain/segments.ts";
import { forgeLastSegment } from "../testing/test-segments.ts";
import { replayChain } from "../testing/test-replay.ts";
import { serverContent, serverSettings, type TestSource, testSource } from "../testing/test-source.ts";
import type { Store } from "../store/store.ts";
import { writeValidation } from "../store/validation.ts";
import { listBackupIds, readManifest } from "../store/vault.ts";

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
  expect(await serverContent(target.endpoint)).toEqual(await serverContent(source.endpoint));
}

describe("an archiver", () => {
  it("begins with a full backup, and its chain gives what the source holds", async () => {
    const before = await serverSettings(source.endpoint);
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
    const base = await readManifest(context.store, archiver.base, context.keyring);
    expect(base.source.graphConfig["EFFECTS_THRESHOLD"]).toBe("300");
    expect(await serverSettings(source.endpoint)).toEqual(before);
    expect(await connection.command("GRAPH.CONFIG", "GET", "EFFECTS_THRESHOLD")).toEqual(["EFFECTS_THRESHOLD", 300]);
    expect(await context.store.list("guest/")).toEqual([]);
    expect(await context.store.list("locks/")).toEqual([]);
  });

  it.runIf(isNightly)("continues after a lost connection without a gap", async () => {
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

  it("abandoned silently, is continued by the next one from what was sealed", async () => {
    const first = await archive();
    await write(20);
    await first.flush();
    await write(20);
    await first[Symbol.asyncDispose]();
    await write(20);
    const second = await archive();
    expect(second.base).toBe(first.base);
    await write(20);
    const mark = `${segmentFolder(first.base, 2)}/unfinished.json`;
    await waitFor(() => context.store.get(mark), { what: "the mark of the next segment", timeoutMs: 20_000 });
    await second.stop();
    expect(notes.filter((note) => note.startsWith("GAP"))).toEqual([]);
    await expectSame(first.base);
  });

  it("reports the gap when the server cannot continue, and begins again", async () => {
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

  it.runIf(isNightly)(
    "answers a query replicated as text with a new full backup, and sets EFFECTS_THRESHOLD again",
    async () => {
      let first = "";
      let reached = 0;
      const { store, keyring } = context;
      // A run that is killed right after this goes on with the new base: the old chain has to reach its cut by then.
      const put: Store["put"] = async (path, bytes) => {
        if (first !== "" && path.startsWith("backups/") && path.endsWith("/manifest.json"))
          reached = (await Array.fromAsync(readChain(store, first, keyring))).at(-1)?.head.offset ?? 0;
        await store.put(path, bytes);
      };
      context = { ...context, store: { ...store, put } };
      const archiver = await archive();
      first = archiver.base;
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
      expect(reached).toBeGreaterThanOrEqual((await readBase(store, archiver.base, keyring)).offset);
      const old = await Array.fromAsync(readChain(context.store, first, context.keyring));
      expect(old.at(-1)?.manifest.hazards[0]).toMatchObject({ kind: "query-text", graph: "people" });
    },
  );

  describe("that proves itself", () => {
    const prove = { everyMs: 500, engines: embeddedEngines() };
    const proofs = (archiver: ReferenceArchiver): number =>
      (archiver.proof?.proven ?? 0) + (archiver.proof?.wrong ?? 0);

    it.runIf(isNightly)("is silent about a chain that is right, under writers, and leaves nothing behind", async () => {
      const before = await serverSettings(source.endpoint);
      const archiver = await archive({ prove });
      const isProven = async (): Promise<true | undefined> => {
        await write(5);
        return proofs(archiver) >= 2 ? true : undefined;
      };
      await waitFor(isProven, { what: "two proofs", timeoutMs: 60_000 });
      expect(archiver.proof).toMatchObject({ wrong: 0, notCarriedOut: undefined, last: { ok: true } });
      await archiver.stop();
      expect(notes.filter((note) => /WRONG|GAP|hazard|could not be proven/.test(note))).toEqual([]);
      expect(await listBackupIds(context.store)).toEqual([archiver.base]);
      const kept = await readProofs(context.store, archiver.base, context.keyring);
      expect(kept.length).toBeGreaterThanOrEqual(2);
      expect(kept.filter(({ ok }) => !ok)).toEqual([]);
      expect(await serverSettings(source.endpoint)).toEqual(before);
      expect(await context.store.list("guest/")).toEqual([]);
      expect(await context.store.list("locks/")).toEqual([]);
      await expectSame(archiver.base);
    });

    it.runIf(isNightly)("ends at once in the middle of a proof", async () => {
      const archiver = await archive({ prove: { ...prove, everyMs: 1 } });
      await write(5);
      const isRunning = (): true | undefined => archiver.proof?.isRunning === true || undefined;
      await waitFor(isRunning, { what: "a proof to run", timeoutMs: 20_000, intervalMs: 1 });
      await archiver.stop();
      expect(archiver.proof?.isRunning).toBe(false);
      expect(await context.store.list("locks/")).toEqual([]);
      expect(notes.filter((note) => note.includes("could not be proven"))).toEqual([]);
      await expectSame(archiver.base);
    });

    it("finds a chain that gives something else, says so, and answers with a new full backup", async () => {
      const first = await archive();
      await connection.query("people", "CREATE (:Note {text: 'genuine'})");
      await first.stop();
      await forgeLastSegment(context, first.base, "genuine", "forged!");
      // Nothing but a proof can see it: a signed part that was exchanged would be found without one.
      expect(await problemsOf(context)).toEqual([]);
      const second = await archive({ prove });
      expect(second.base).toBe(first.base);
      const isAnswered = (): true | undefined => (second.base === first.base ? undefined : true);
      await waitFor(isAnswered, { what: "a new full backup", timeoutMs: 60_000 });
      const isProven = (): true | undefined => ((second.proof?.proven ?? 0) > 0 ? true : undefined);
      await waitFor(isProven, { what: "a proof of the new chain", timeoutMs: 60_000 });
      await write(5);
      await second.stop();
      expect(second.proof).toMatchObject({ wrong: 1, last: { base: second.base, ok: true } });
      expect(notes.find((note) => note.startsWith("WRONG"))).toContain(first.base);
      expect(notes.join("\n")).toContain('graph "people" has other nodes');
      expect(await readProofs(context.store, first.base, context.keyring)).toMatchObject([{ ok: false }]);
      await expectSame(second.base);
    });

    it.runIf(isNightly)("does not continue a chain that was found wrong", async () => {
      const first = await archive();
      await write(5);
      const head = await first.flush().then(() => first.sealed);
      await first.stop();
      if (head === undefined) throw new Error("nothing was sealed");
      const found = { at: head.at, offset: head.offset, ok: false, problems: ["it differs"], phases: [] };
      await writeValidation(context.store, proofFolder(head), found, await context.keyring.signer());
      const second = await archive();
      expect(second.base).not.toBe(first.base);
      expect(notes.find((note) => note.startsWith("new full backup: a proof found"))).toBeDefined();
      await second.stop();
      // A full backup has already replaced the faulty one.
      const third = await archive();
      expect(third.base).toBe(second.base);
      await third.stop();
    });
  });

  it("refuses a second archiver", async () => {
    const archiver = await archive();
    await expect(archive()).rejects.toThrow("has an archiver already");
    await archiver.stop();
    // The server's own pings fill one where this takes longer than ten seconds.
    expect(await listSegments(context.store, archiver.base)).toHaveLength(archiver.sealed?.number ?? 0);
  });
});
