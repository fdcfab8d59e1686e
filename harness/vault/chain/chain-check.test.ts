// What a verify says about the increments on a backup, and that the backup itself is judged separately.
import { randomBytes } from "node:crypto";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, expect, it } from "vitest";
import { silentProgress } from "../../base/progress.ts";
import type { EngineProvider } from "../../engine/engine.ts";
import { compact } from "../restore/compact.ts";
import { type VerifiedPoint, withIncrements } from "./chain-check.ts";
import { Keyring } from "../keys/keyring.ts";
import { discardUntrusted } from "./proofs.ts";
import { readSegment } from "./segments.ts";
import type { Store } from "../store/store.ts";
import { storeTestBackup } from "../testing/test-backup.ts";
import { storeTestChain } from "../testing/test-vault.ts";
import { markUnfinished } from "../store/unfinished.ts";
import { writeValidation } from "../store/validation.ts";
import { initVault, openVault, writeManifest } from "../store/vault.ts";
import { verifyOffline } from "../restore/verify.ts";

const root = await mkdtemp(join(tmpdir(), "falkordrill-chain-check-"));
afterAll(() => rm(root, { recursive: true }));
const keyring = new Keyring(join(root, "keys"));
await keyring.generate("signer", "s", "interop");
await keyring.generate("recipient", "r", "interop");
const { signal } = new AbortController();
const template = join(root, "template");
const made = await initVault(template);
const base = await storeTestChain(made, keyring, "2026-11-21T03:00:00.000Z", { increments: 4 });
const compacted = await storeCompacted(2);

/** A backup that was made at that segment of the chain. */
async function storeCompacted(segment: number): Promise<string> {
  const plain = await storeTestBackup(made, keyring, randomBytes(1000), 100_000);
  const { head } = await readSegment(made, base, segment, keyring);
  const { sha256, replid, offset, at } = head;
  const parent = { base, segment, sha256, database: 0 };
  await writeManifest(made, { ...plain, cut: { replid, offset, at }, parent }, await keyring.signer());
  return plain.id;
}

let vaults = 0;
let store: Store;
beforeEach(async () => {
  const folder = join(root, `vault-${vaults++}`);
  await cp(template, folder, { recursive: true });
  store = await openVault(folder);
});

const folder = (number: number): string => `segments/${base}/0000000${number}`;
const verify = (id: string = base): Promise<VerifiedPoint> => verifyOffline({ store, keyring }, id, signal);

async function remove(prefix: string): Promise<void> {
  for (const { path } of await store.list(prefix)) await store.delete(path);
}

async function copy(from: string, to: string): Promise<void> {
  for (const { path } of await store.list(`${from}/`))
    await store.put(path.replace(from, to), (await store.get(path)) ?? Buffer.alloc(0));
}

it("a whole chain is read to its end, also that of a backup which was made from it", async () => {
  await markUnfinished(store, folder(5), "segment");
  await store.put(`${folder(5)}/part-00000.zst.pgp`, randomBytes(10));
  expect(await verify()).toMatchObject({ ok: true, increments: { count: 4, bytes: 4000, problems: [] } });
  expect(await verify(compacted)).toMatchObject({ ok: true, increments: { base, count: 2, bytes: 2000 } });
  expect(await store.list("locks/")).toEqual([]);
});

it.each<[string, () => Promise<void>, readonly string[]]>([
  [
    "a missing increment",
    () => remove(folder(2)),
    [`${folder(2)}/manifest.json: it is missing, and 3 is there`, "of 3 "],
  ],
  [
    "two that changed places",
    async () => {
      await copy(folder(2), "x");
      await copy(folder(3), folder(2));
      await copy("x", folder(3));
    },
    [`${folder(2)}/manifest.json: it is the manifest of segment 3`, "of 4 increments 3 cannot be used"],
  ],
  [
    "damaged parts, each of them",
    async () => {
      await store.put(`${folder(2)}/part-00000.zst.pgp`, randomBytes(50));
      await store.delete(`${folder(4)}/part-00000.zst.pgp`);
    },
    [`${folder(2)}/part-00000.zst.pgp in`, `${folder(4)}/part-00000.zst.pgp is missing`],
  ],
  [
    "a last increment that lost its manifest",
    () => store.delete(`${folder(4)}/manifest.json`),
    [`${folder(4)}/manifest.json is missing, and other objects of it are there`],
  ],
  [
    "a manifest that was changed",
    () => store.put(`${folder(1)}/manifest.json`, Buffer.from("{}")),
    [`${folder(1)}/manifest.json in`, "of 4 increments 4 cannot be used"],
  ],
])("%s is named, and is not a fault of the backup itself", async (_, damage, problems) => {
  await damage();
  const found = await verify();
  expect(found).toMatchObject({ ok: false, failure: "dataWrong" });
  expect(found.problems).toEqual(problems.map((problem) => expect.stringContaining(problem) as string));
  expect(found.increments?.problems).toEqual(found.problems);
});

it("a backup without increments is not restored to compact it", async () => {
  const point = await storeTestChain(store, keyring, "2026-11-22T03:00:00.000Z");
  const engines: EngineProvider = {
    kind: "embedded",
    unavailable: () => Promise.resolve(undefined),
    start: () => Promise.reject(new Error("an engine was started")),
  };
  const context = { store, keyring, profile: "interop", partBytes: 100_000 } as const;
  const compacting = compact(context, { point, engines, progress: silentProgress, signal });
  await expect(compacting).rejects.toThrow("has no increments, so there is nothing to compact");
});

it("a proof whose record cannot be trusted counts as a fault until the increments were found whole by a verify", async () => {
  const found = { at: "2026-11-24T03:00:00.000Z", offset: 9, ok: true, problems: [], phases: [] };
  const folder = `segments/${base}/00000002`;
  await writeValidation(store, folder, found, await keyring.signer());
  const bytes = (await store.get(`${folder}/validation.json`)) ?? Buffer.alloc(0);
  await store.put(`${folder}/validation.json`, Buffer.from(bytes.toString().replace("true", "flse")));
  const offline = await verifyOffline({ store, keyring }, base, signal);
  expect(offline).toMatchObject({ ok: false, failure: "dataWrong" });
  expect(offline.problems.join()).toContain("may not give what the source held");
  const good = { ok: true, problems: [], phases: [] };
  const verified = await withIncrements({ store, keyring, signal }, base, good, (whole) =>
    discardUntrusted(store, whole, keyring),
  );
  expect(verified).toMatchObject({ ok: true, notes: [expect.stringContaining(`at ${folder} could not be trusted`)] });
  expect(await store.list(`${folder}/validation-untrusted-`)).toHaveLength(1);
  expect(await verifyOffline({ store, keyring }, base, signal)).toMatchObject({ ok: true });
});
