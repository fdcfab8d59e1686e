// A verify compares the restored content with the manifest: no difference in a graph's schema goes unnoticed.
import { afterAll, beforeAll, expect, it } from "vitest";
import { silentProgress } from "../../base/progress.ts";
import { isNightly } from "../../base/testing/nightly.ts";
import { embeddedEngines } from "../../engine/embedded.ts";
import { createBackup, type BackupContext } from "../backup/backup.ts";
import { compareContent } from "./compare-content.ts";
import type { Manifest } from "../store/manifest.ts";
import { type TestSource, testSource } from "../testing/test-source.ts";
import { nodeFiles } from "../store/file-operations.ts";
import { folderStore } from "../store/store-folder.ts";
import { readManifest } from "../store/vault.ts";
import { verify } from "./verify.ts";

const { signal } = new AbortController();
let test: TestSource;
let context: BackupContext;
let manifest: Manifest;

beforeAll(async () => {
  // More databases than the engine of a verify has by default.
  test = await testSource({ redisConfig: { databases: "32" } });
  const { connection, source } = test;
  await connection.query(
    "people",
    "CALL db.idx.fulltext.createNodeIndex({label: 'Doc', language: 'german'}, {field: 'text', weight: 2.5, nostem: true})",
  );
  await connection.query(
    "people",
    "CREATE VECTOR INDEX FOR (p:Person) ON (p.v) OPTIONS {dimension: 3, similarityFunction: 'cosine'}",
  );
  await connection.command("SELECT", 20);
  await connection.query("far", "CREATE (:Person)");
  await connection.command("SELECT", 0);
  await connection.command("SET", "other", "value");
  await connection.command("SET", "soon", "gone", "PX", "60000");
  context = await test.newVault();
  const { point } = await createBackup(context, { source, coordinator: undefined, progress: silentProgress, signal });
  manifest = await readManifest(context.store, point.id, context.keyring);
});
afterAll(() => test[Symbol.asyncDispose]());

const problems = async (): Promise<string> =>
  (await compareContent(test.source.endpoint, manifest, signal)).problems.join("\n");

it("a good backup is good, also of a graph in database 20, and it is said what was looked at", async () => {
  const outcome = await verify(context, undefined, manifest.id, embeddedEngines(), signal);
  expect(outcome).toMatchObject({ ok: true, problems: [] });
  expect(outcome.looked).toContain("3 graphs with 3,001 nodes, 2,999 edges, 3 labels, 1 types");
  expect(outcome.looked).toContain("1 constraints; 2 other keys by name. The values of properties");
});

// Both wait.
it.each(isNightly ? ["EROFS", "ENOSPC"] : [])(
  "a good backup in a vault that answers %s to each write is good, and not on record",
  async (code) => {
    const refused = (): Promise<never> => Promise.reject(Object.assign(new Error(code), { code }));
    const store = folderStore(context.store.where, { ...nodeFiles, openNew: refused });
    const outcome = await verify({ ...context, store }, undefined, manifest.id, embeddedEngines(), signal);
    expect(outcome).toMatchObject({ ok: true, problems: [] });
    expect(outcome.notes).toEqual([
      expect.stringMatching(/^what was found is not on record: .* (?:cannot be written|is full)/),
    ]);
  },
);

it.each([
  ["CALL db.idx.fulltext.drop('Doc')", 'options of the index of label "Doc": none instead of language german'],
  ["CREATE (:Extra)", 'graph "people": labels: Person, Doc, Extra instead of Person, Doc'],
  ["MATCH (p:Person {id: 7}) SET p.unheard = 1", "property keys: "],
])("a target after %s is found to differ", async (query, problem) => {
  await test.connection.query("people", query);
  expect(await problems()).toContain(problem);
});

it("a non-graph key with another name is found, and an expiring one is not missed", async () => {
  await test.connection.command("DEL", "soon");
  expect(await problems()).not.toContain("keys that are not graphs");
  await test.connection.command("RENAME", "other", "another");
  expect(await problems()).toContain("the keys that are not graphs have other names");
  await test.connection.command("DEL", "another");
  expect(await problems()).toContain("there are 1 keys that are not graphs and do not expire, instead of 2");
});
