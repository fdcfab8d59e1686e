// A prune that is killed right before any of its changes: what is listed then is intact, what had to stay is there, and
// the next prune finishes the work.
import { spawnSync } from "node:child_process";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { silentProgress } from "../../base/progress.ts";
import { Keyring } from "../keys/keyring.ts";
import { prune } from "./prune.ts";
import { checkParts, partsOf } from "../parts/read-parts.ts";
import { checkSegment, readChain } from "../chain/segments.ts";
import type { Store } from "../store/store.ts";
import { storeTestChain } from "../testing/test-vault.ts";
import { markUnfinished } from "../store/unfinished.ts";
import { initVault, listBackupIds, openVault, readManifest } from "../store/vault.ts";

const program = new URL("../testing/prune-process.ts", import.meta.url).pathname;
const root = await mkdtemp(join(tmpdir(), "falkordrill-killed-prune-"));
afterAll(() => rm(root, { recursive: true }));
const keys = join(root, "keys");
const keyring = new Keyring(keys);
await keyring.generate("signer", "s", "interop");
await keyring.generate("recipient", "r", "interop");
const { signal } = new AbortController();
/** More than a prune makes. */
const changesMax = 60;

/** Throws where a listed restore point is not intact; returns every restore point. */
async function wholePoints(store: Store): Promise<string[]> {
  const points: string[] = [];
  for (const id of await listBackupIds(store)) {
    await checkParts(store, partsOf(await readManifest(store, id, keyring)), signal);
    points.push(id);
    for await (const { manifest } of readChain(store, id, keyring)) {
      await checkSegment(store, manifest, signal);
      points.push(`${id}/${manifest.number}`);
    }
  }
  return points;
}

it("leaves only whole restore points, at every step", async () => {
  const template = join(root, "template");
  const made = await initVault(template);
  await storeTestChain(made, keyring, "2026-11-21T00:00:00.000Z", { increments: 2 });
  await storeTestChain(made, keyring, "2026-11-22T00:00:00.000Z");
  const newest = await storeTestChain(made, keyring, "2026-11-23T00:00:00.000Z", { increments: 1 });
  await markUnfinished(made, "backups/20261120T000000Z-00000000", "backup");
  await made.put("backups/20261120T000000Z-00000000/part-00000.zst.pgp", Buffer.alloc(9));
  const before = await wholePoints(made);
  expect(before).toHaveLength(6);

  const vaultOf = (change: number): string => join(root, `vault-${change}`);
  for (let change = 1; change <= changesMax; change += 1) await cp(template, vaultOf(change), { recursive: true });
  const killed = spawnSync(process.execPath, [program, root, keys], { encoding: "utf8" });
  expect(killed).toMatchObject({ signal: "SIGKILL", stderr: "", stdout: expect.stringMatching(/^\d+\n$/) as string });

  const seen = new Set<number>();
  // The last of them completed: every change that a prune makes has been the last one of a killed prune.
  for (let change = 1; change <= Number(killed.stdout); change += 1) {
    const store = await openVault(vaultOf(change));
    const after = await wholePoints(store);
    expect(
      after.every((point) => before.includes(point)),
      `killed at change ${change}`,
    ).toBe(true);
    expect(after).toEqual(expect.arrayContaining([newest, `${newest}/1`]));
    seen.add(after.length);
    // The next prune finishes what was begun, and takes over the lock of the killed one.
    const request = { rules: { last: 1 }, zone: "UTC", dryRun: false, progress: silentProgress, signal };
    const next = await prune({ store, keyring }, request);
    expect(next.decisions.filter(({ keep }) => !keep)).toHaveLength(after.length - 2);
    const left = (await store.list(""))
      .map(({ path }) => path)
      .filter((path) => !path.startsWith("catalogue/") && !path.includes(newest));
    expect(left, `killed at change ${change}`).toEqual(["vault.json"]);
  }
  // Each of the four removals was seen on its own.
  expect([...seen].toSorted((a, b) => a - b)).toEqual([2, 3, 4, 5, 6]);
});
