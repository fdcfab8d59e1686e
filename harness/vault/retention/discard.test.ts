import { mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { discard, type Discarded } from "./discard.ts";
import { readInventory } from "./inventory.ts";
import { Keyring } from "../keys/keyring.ts";
import { pin, unpin } from "../store/pin.ts";
import { listSegments, readSegment } from "../chain/segments.ts";
import { type Store, StoreError } from "../store/store.ts";
import { storeTestChain } from "../testing/test-vault.ts";
import { markUnfinished } from "../store/unfinished.ts";
import { initVault, readManifest, writeManifest } from "../store/vault.ts";
import { useBackups } from "../locks/vault-lock.ts";

const root = await mkdtemp(join(tmpdir(), "falkordrill-discard-"));
afterAll(() => rm(root, { recursive: true }));
const keyring = new Keyring(join(root, "keys"));
await keyring.generate("signer", "s", "interop");
await keyring.generate("recipient", "r", "interop");
const { signal } = new AbortController();
const day = (date: number): string => `2026-11-${date}T03:00:00.000Z`;

let store: Store;
let whole: string;
let damaged: string;
let broken: string;
beforeAll(async () => {
  store = await initVault(join(root, "vault"));
  whole = await storeTestChain(store, keyring, day(20));
  damaged = await storeTestChain(store, keyring, day(21), { increments: 1 });
  broken = await storeTestChain(store, keyring, day(22), { increments: 3 });
  const manifest = `backups/${damaged}/manifest.json`;
  await store.delete(manifest);
  await symlink("nowhere", join(store.where, manifest));
  await store.put(`segments/${broken}/00000002/manifest.json`, Buffer.from("{}"));
});
const run = (id: string, sure = true): Promise<Discarded> => discard({ store, keyring, signal }, id, sure);
const pathsOf = async (): Promise<readonly string[]> => (await store.list("")).map(({ path }) => path);
/** Expects a refusal with these words, and not one object touched. */
async function mustRefuse(id: string, message: string, sure?: boolean): Promise<void> {
  const before = await pathsOf();
  await expect(run(id, sure)).rejects.toThrow(message);
  expect(await pathsOf()).toEqual(before);
}

it("refuses what the store cannot give now: that says nothing about it", async () => {
  for (const [id, path] of [
    [whole, `backups/${whole}/manifest.json`],
    [`${broken}/3`, `segments/${broken}/00000001/manifest.json`],
  ] as const) {
    const get: Store["get"] = (asked, bytesMax) =>
      asked === path ? Promise.reject(new StoreError("broken", "503", "Try again.")) : store.get(asked, bytesMax);
    const before = await pathsOf();
    await expect(discard({ store: { ...store, get }, keyring, signal }, id, true)).rejects.toMatchObject({
      exit: "environment",
      message: expect.stringContaining("cannot be read now") as string,
    });
    expect(await pathsOf()).toEqual(before);
  }
});

it("refuses what is whole, unfinished, unknown or nothing that a vault holds", async () => {
  await mustRefuse(whole, `${whole} is whole`);
  await mustRefuse(`${broken}/1`, `${broken}/00000001 is whole, and would go with ${broken}/1`);
  await mustRefuse(broken, `${broken}/00000001 is whole`);
  await mustRefuse("20261124T030000Z-00000000", "holds nothing of 20261124T030000Z-00000000");
  await mustRefuse(`${broken}/9`, "holds nothing of");
  await mustRefuse("../keys", "is neither the id of a backup");
  const others = new Keyring(join(root, "other-keys"));
  await others.generate("signer", "s", "interop");
  const byOthers = discard({ store, keyring: others, signal }, whole, true);
  await expect(byOthers).rejects.toThrow("trusts nothing in");
  await markUnfinished(store, `segments/${broken}/00000004`, "segment");
  await mustRefuse(`${broken}/2`, `${broken}/00000004 is what a run left that did not end`);
  await store.delete(`segments/${broken}/00000004/unfinished.json`);
});

it("refuses what is pinned, in use, or not said twice", async () => {
  await mustRefuse(damaged, `${damaged}/00000001, ${damaged} would go for good`, false);
  await pin(store, `segments/${damaged}/00000001`, "audit", signal);
  await mustRefuse(damaged, `${damaged}/00000001 is pinned: audit`);
  await store.put(`backups/${damaged}/pin.json`, Buffer.from("{}"));
  await unpin(store, `segments/${damaged}/00000001`, signal);
  await mustRefuse(damaged, `${damaged} is pinned`);
  // Its manifest is lost, and it can be unpinned all the same.
  expect(await unpin(store, `backups/${damaged}`, signal)).toBe(true);
  await using _restore = await useBackups(store, "restore", [damaged]);
  await mustRefuse(damaged, `${damaged} is in use: restore`);
});

it("refuses increments that a compacted backup of the same chain needs", async () => {
  const base = await storeTestChain(store, keyring, day(23), { increments: 3 });
  const { manifest, head } = await readSegment(store, base, 1, keyring);
  const compacted = await readManifest(store, await storeTestChain(store, keyring, day(24)), keyring);
  const cut = { replid: manifest.replid, offset: head.offset, at: head.at };
  const parent = { base, segment: 1, sha256: head.sha256, database: 0 };
  await writeManifest(store, { ...compacted, cut, parent }, await keyring.signer());
  await store.delete(`backups/${base}/part-00000.zst.pgp`);
  await mustRefuse(base, `${base}/00000002, ${base}/00000003 would go as well, and ${compacted.id}`);
  await store.delete(`segments/${base}/00000002/part-00000.zst.pgp`);
  expect((await run(base)).points).toEqual([3, 2, 1].map((number) => `${base}/0000000${number}`).concat(base));
});

it("removes what is damaged with what depends on it, says so, and leaves nothing of it", async () => {
  const before = await store.list(`segments/${broken}/`);
  const gone = await run(`${broken}/2`);
  const after = await store.list(`segments/${broken}/`);
  expect(gone).toMatchObject({ points: [`${broken}/00000003`, `${broken}/00000002`] });
  expect(gone.objects).toBe(before.length - after.length);
  expect(gone.why.join()).toContain(`the increments after ${broken}/00000001 are left alone`);
  expect(await listSegments(store, broken)).toEqual([1]);
  expect((await run(damaged)).points).toEqual([`${damaged}/00000001`, damaged]);
  const { damaged: still, points } = await readInventory(store, keyring, signal);
  expect([...still]).toEqual([]);
  expect([...points.keys()]).toEqual(expect.arrayContaining([whole, broken, `${broken}/00000001`]));
  expect((await pathsOf()).filter((path) => path.includes(damaged) || path.startsWith("locks/"))).toEqual([]);
});
