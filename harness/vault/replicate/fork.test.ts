// Both vaults went on after a failover: nothing of the one goes into the other.
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, expect, it, vi } from "vitest";
import { silentProgress } from "../../base/progress.ts";
import { prune } from "../retention/prune.ts";
import { readChain } from "../chain/segments.ts";
import type { Store } from "../store/store.ts";
import { initVault, openVault, readManifest, writeManifest } from "../store/vault.ts";
import { replicateOnce, testKeyring } from "../testing/test-replica.ts";
import { storeTestSegment } from "../testing/test-segments.ts";
import { storeTestChain } from "../testing/test-vault.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });
const root = await mkdtemp(join(tmpdir(), "falkordrill-fork-"));
afterAll(() => rm(root, { recursive: true }));
const keyring = await testKeyring(join(root, "keys"));
const { signal } = new AbortController();

const replicate = (from: Store, to: Store): ReturnType<typeof replicateOnce> => replicateOnce({ from, to, keyring });

const made = await initVault(join(root, "first"));
const chain = await storeTestChain(made, keyring, "2026-11-23T03:00:00.000Z", { increments: 1 });
await replicate(made, await initVault(join(root, "second")));

let folders = 0;
let first: Store;
let second: Store;
beforeEach(async () => {
  const folder = join(root, `pair-${++folders}`);
  for (const name of ["first", "second"]) await cp(join(root, name), join(folder, name), { recursive: true });
  [first, second] = [await openVault(join(folder, "first")), await openVault(join(folder, "second"))];
});

async function writeOn(): Promise<void> {
  const last = (await Array.fromAsync(readChain(first, chain, keyring))).at(-1);
  if (last !== undefined) await storeTestSegment(first, keyring, last.head, Buffer.from("unseen"));
}

/** A backup that the second region made of the server that took over there. */
async function takeOver(): Promise<string> {
  const id = await storeTestChain(second, keyring, "2026-11-23T05:00:00.000Z");
  const manifest = await readManifest(second, id, keyring);
  const cut = { ...manifest.cut, replid: "1".repeat(40) };
  await writeManifest(second, { ...manifest, cut }, await keyring.signer());
  return id;
}

it("copies nothing where both have gone on, and names what only one of them has", async () => {
  await writeOn();
  const taken = await takeOver();
  const before = await second.list("");
  const { problems, copied } = await replicate(first, second);
  expect(problems).toEqual([
    `${first.where} and ${second.where} have both gone on since they were equal: only the first has increment 2 of ` +
      `${chain}, and only the second ${taken}, of another server. Nothing is copied; both are kept (what to do: docs/runbooks/fail-back.md)`,
  ]);
  expect(copied).toEqual({ backups: 0, increments: 0, objects: 0, bytes: 0 });
  expect(await second.list("backups/")).toEqual(before.filter(({ path }) => path.startsWith("backups/")));
});

it("fails back into a first vault that did nothing since, and goes on from there", async () => {
  const taken = await takeOver();
  expect((await replicate(second, first)).problems).toEqual([]);
  await storeTestChain(first, keyring, "2026-11-23T07:00:00.000Z");
  expect((await replicate(first, second)).problems).toEqual([]);
  // Its own rules remove later what the second vault has made.
  const rules = { rules: { last: 1 }, zone: "UTC", dryRun: false, progress: silentProgress, signal } as const;
  await prune({ store: first, keyring }, rules);
  expect((await first.list(`backups/${taken}/`)).length).toBe(0);
  await storeTestChain(first, keyring, "2026-11-23T08:00:00.000Z");
  expect(await replicate(first, second)).toMatchObject({ problems: [], copied: { backups: 1 } });
});

it("takes no backup of the same server for a fork", async () => {
  await storeTestChain(second, keyring, "2026-11-23T05:00:00.000Z");
  await writeOn();
  expect(await replicate(first, second)).toMatchObject({ problems: [], copied: { increments: 1 } });
});
