import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { privateFolder } from "../../base/process/reaper.ts";
import { ensureKeys } from "../../system/reference/reference.ts";
import { Keyring } from "../keys/keyring.ts";
import type { RestoreContext } from "../restore/restore.ts";
import { decodeManifest } from "../store/manifest.ts";
import { backupPath, initVault, readManifest, writeManifest } from "../store/vault.ts";
import { storeTestChain } from "../testing/test-vault.ts";
import { browseBackup, type BrowsedBackup } from "./browse.ts";

async function vaultWith(increments: number): Promise<{ readonly context: RestoreContext; readonly point: string }> {
  const folder = await privateFolder("browse-unit-test");
  onTestFinished(() => folder[Symbol.asyncDispose]());
  const keyring = new Keyring(join(folder.path, "keys"));
  await ensureKeys(keyring, "interop");
  const store = await initVault(join(folder.path, "vault"));
  const point = await storeTestChain(store, keyring, "2026-11-21T12:00:00.000Z", { increments, nodes: 5 });
  return { context: { store, keyring }, point };
}

function look(context: RestoreContext, point: string, uuid?: string): Promise<BrowsedBackup> {
  return browseBackup(context, { point, uuid, timeoutMs: 60_000, signal: new AbortController().signal });
}

it("increments are named, as what they changed is not shown", async () => {
  const { context, point } = await vaultWith(2);
  const { increments, at, graphs } = await look(context, point);
  expect(increments?.count).toBe(2);
  expect(Date.parse(increments?.until ?? "")).toBeGreaterThan(Date.parse(at));
  expect(graphs).toEqual([{ name: "g", database: 0, nodes: 5, edges: 0, propertyKeys: [], labels: [], types: [] }]);
});

it("a snapshot that is not understood is refused, and what the manifest says of it is shown", async () => {
  const { context, point } = await vaultWith(0);
  await expect(look(context, point, "x")).rejects.toThrow(`the snapshot of ${point} cannot be looked into: not an RDB`);
  expect((await look(context, point)).graphs).toHaveLength(1);
});

it("graphs of another encoding version are refused before a part is read", async () => {
  const { context, point } = await vaultWith(0);
  const { store, keyring } = context;
  const manifest = await readManifest(store, point, keyring);
  await store.delete(backupPath(point, "manifest.json"));
  const newer = { ...manifest, source: { ...manifest.source, encver: 19 } };
  await writeManifest(store, newer, await keyring.signer());
  await store.delete(backupPath(point, "part-00000.zst.pgp"));
  await expect(look(context, point, "x")).rejects.toThrow("encoded in version 19, and this program reads 18");
});

it("a manifest that was changed after it was signed is refused", async () => {
  const { context, point } = await vaultWith(0);
  const path = backupPath(point, "manifest.json");
  const signed = (await context.store.get(path)) as Buffer;
  const changed = signed.toString("utf8").replace('"nodes": 5', '"nodes": 6');
  expect(decodeManifest(Buffer.from(changed), path).content?.graphs[0]?.nodes).toBe(6);
  await context.store.put(path, Buffer.from(changed));
  await expect(look(context, point)).rejects.toThrow(path);
});
