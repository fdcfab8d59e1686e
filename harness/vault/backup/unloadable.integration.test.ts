// A snapshot that no engine loads: `verify` finds and records it, and nothing waits for it.
import { afterAll, beforeAll, expect, it } from "vitest";
import { isNightly } from "../../base/testing/nightly.ts";
import { systemClock } from "../../base/clock.ts";
import { silentProgress } from "../../base/progress.ts";
import { waitFor } from "../../base/wait.ts";
import { embeddedEngines } from "../../engine/embedded.ts";
import type { EngineProvider } from "../../engine/engine.ts";
import { ReferenceArchiver } from "../archive/archiver.ts";
import { createBackup, type BackupContext, type BackupResult } from "./backup.ts";
import { backUpIncrement } from "../archive/increment.ts";
import { restoreBackup } from "../restore/restore.ts";
import { storeTestBackup } from "../testing/test-backup.ts";
import { type TestSource, testSource } from "../testing/test-source.ts";
import { readValidation } from "../store/validation.ts";
import { backupFolder } from "../store/vault.ts";
import { verify } from "../restore/verify.ts";

const engines = embeddedEngines();
const { signal } = new AbortController();
let source: TestSource;
let context: BackupContext;
let outcome: BackupResult;
/** The payload of a graph that FalkorDB before 4.18 writes and cannot read. */
let point: string;

beforeAll(async () => {
  source = await testSource();
  await source.connection.command("FLUSHALL");
  await source.connection.query("border", "UNWIND range(1, 64000) AS i CREATE (:Entity {i: i})");
  context = await source.newVault();
  const request = { source: source.source, coordinator: undefined, progress: silentProgress, signal };
  outcome = await createBackup(context, request);
  point = outcome.point.id;
});
afterAll(() => source[Symbol.asyncDispose]());

const recordOf = (id: string): ReturnType<typeof readValidation> =>
  readValidation(context.store, backupFolder(id), context.keyring);

it("the backup says so already, and is marked", async () => {
  expect(outcome.problems).toEqual([
    expect.stringContaining('graph "border" cannot be loaded by FalkorDB before 4.18.0'),
  ]);
  expect(await recordOf(point)).toMatchObject({ ok: false, problems: outcome.problems });
});

it("so does one that is made in place of an increment", async () => {
  const request = { source: source.source, coordinator: undefined, progress: silentProgress, signal };
  const { continued, problems } = await backUpIncrement(await source.newVault(), request);
  expect([continued, problems]).toEqual([false, outcome.problems]);
});

it.runIf(isNightly)("a proof of an archiver ends with that finding, and the archiver continues", async () => {
  const notes: string[] = [];
  const progress = { ...silentProgress, note: (line: string) => void notes.push(line) };
  const prove = { everyMs: 100, engines };
  const sizes = { segmentBytes: 2 ** 20, segmentAgeMs: 60_000 };
  const request = { source: source.source, coordinator: undefined, progress, signal, prove, ...sizes };
  const archiver = await ReferenceArchiver.start(await source.newVault(), request);
  const isFound = (): true | undefined => archiver.proof?.isUnloadable || undefined;
  await waitFor(isFound, { what: "the finding of a proof", timeoutMs: 60_000, signal });
  const { base } = archiver;
  await archiver.stop();
  expect(archiver.proof).toMatchObject({ proven: 0, wrong: 0, isUnloadable: true });
  expect(notes.join("\n")).toContain("NOT RESTORABLE: the chain cannot be compared with its source");
  expect(archiver.base).toBe(base);
});

it.each<[string, string[], boolean]>([
  ["63,999 nodes of one label", ["UNWIND range(1, 63999) AS i CREATE (:Entity {i: i})"], true],
  ["63,998 nodes of one label", ["UNWIND range(1, 63998) AS i CREATE (:Entity {i: i, at: 1.5e300})"], false],
  ["64,001 nodes of one label", ["UNWIND range(1, 64001) AS i CREATE (:Entity {i: i})"], false],
  [
    "64,000 nodes of one label and 5,000 of another",
    ["UNWIND range(1, 64000) AS i CREATE (:Entity {i: i})", "UNWIND range(1, 5000) AS i CREATE (:Other {t: 'x' + i})"],
    true,
  ],
  ["32,000 edges of one type", ["UNWIND range(1, 32000) AS i CREATE (:A)-[:T]->(:B)"], true],
  ["31,999 edges of one type", ["UNWIND range(1, 31999) AS i CREATE (:A)-[:T]->(:B)"], false],
  // The labels of all nodes are one array, in the order of the nodes.
  ["64,000 nodes of two labels in turns", ["UNWIND range(1, 32000) AS i CREATE (:A), (:B)"], true],
  ["63,998 nodes of two labels in turns", ["UNWIND range(1, 31999) AS i CREATE (:A), (:B)"], false],
  [
    "63,999 nodes of two labels, one after the other",
    ["UNWIND range(1, 31999) AS i CREATE (:A)", "UNWIND range(1, 32000) AS i CREATE (:B)"],
    true,
  ],
  [
    "32,000 edges of one type in no order",
    [
      "UNWIND range(1, 32000) AS i CREATE (:A {i: i})",
      "MATCH (a:A) WITH a ORDER BY a.i * 7919 % 32003 CREATE (a)-[:T]->(a)",
    ],
    true,
  ],
  ["a text of 255,995 bytes", [`CREATE (:A {s: '${"ab ".repeat(85_331)}a'})`], true],
  ["a text of 255,991 bytes", [`CREATE (:A {s: '${"ab ".repeat(85_330)}a'})`], false],
])("%s: the snapshot says whether it can be loaded", async (_, queries, isAtBorder) => {
  await source.connection.command("FLUSHALL");
  for (const query of queries) await source.connection.query("border", query);
  const request = { source: source.source, coordinator: undefined, progress: silentProgress, signal };
  const { problems } = await createBackup(await source.newVault(), request);
  expect(problems).toHaveLength(isAtBorder ? 1 : 0);
});

it("a verify calls it not recovered, says what is known of it, and marks it", async () => {
  const found = await verify(context, undefined, point, engines, signal);
  expect(found).toMatchObject({ ok: false, failure: "notRecovered" });
  expect(found.problems).toEqual([expect.stringContaining("no engine can be started from this snapshot")]);
  expect(await recordOf(point)).toMatchObject({ ok: false, problems: found.problems });
});

it.runIf(isNightly)("a restore into a running server ends within seconds of that server's crash", async () => {
  await using target = await engines.start({ name: "target" });
  const careful = { point, way: "wire", engines, target, progress: silentProgress, signal } as const;
  await expect(restoreBackup(context, careful)).rejects.toMatchObject({ findingCode: "backup-faulty" });
  const request = { ...careful, allowFaulty: true };
  const startedMs = systemClock.monotonicMs();
  await expect(restoreBackup(context, request)).rejects.toMatchObject({
    exit: "notRecovered",
    findingCode: "target-gone",
    hint: expect.stringContaining("64,000 nodes of one label") as string,
  });
  expect(systemClock.monotonicMs() - startedMs).toBeLessThan(30_000);
});

it.runIf(isNightly)("an engine does not load an invalid snapshot either", async () => {
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
