// What goes wrong around a replication: other processes, losses at either end, credentials that cannot delete.
import { cp, mkdtemp, rename, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it, vi } from "vitest";
import { isNightly } from "../../base/testing/nightly.ts";
import { silentProgress } from "../../base/progress.ts";
import { adopt } from "../catalogue/adopt.ts";
import { checkVault } from "../catalogue/check-vault.ts";
import { readChain, readSegment, segmentFolder } from "../chain/segments.ts";
import { Keyring } from "../keys/keyring.ts";
import { checkParts, partsOf } from "../parts/read-parts.ts";
import { remember } from "../restore/verify.ts";
import { discard } from "../retention/discard.ts";
import { prune } from "../retention/prune.ts";
import { readPin, pin, unpin } from "../store/pin.ts";
import { type Store, StoreError } from "../store/store.ts";
import { backupPath, initVault, openVault, readManifest } from "../store/vault.ts";
import { beforePut, replicateOnce, testKeyring, testReplicator, wholePoints } from "../testing/test-replica.ts";
import { storeTestSegment } from "../testing/test-segments.ts";
import { storeTestChain } from "../testing/test-vault.ts";
import { mustBeTwo } from "./leases.ts";
import { noLimit, RateLimit } from "../parts/rate-limit.ts";
import { Replicator } from "./replicator.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });
const root = await mkdtemp(join(tmpdir(), "falkordrill-replicate-trouble-"));
afterAll(() => rm(root, { recursive: true }));
const template = join(root, "template");
const keyring = await testKeyring(join(root, "keys"));
const made = await initVault(template);
const old = await storeTestChain(made, keyring, "2026-11-20T03:00:00.000Z");
const chain = await storeTestChain(made, keyring, "2026-11-23T03:00:00.000Z", { increments: 3 });
const never = new AbortController().signal;

let folders = 0;
let folder: string;
let from: Store;
let to: Store;
beforeEach(async () => {
  folder = join(root, `vault-${++folders}`);
  await cp(template, folder, { recursive: true });
  [from, to] = [await openVault(folder), await initVault(`${folder}-second`)];
});

const open = (vaults = { from, to }): ReturnType<typeof testReplicator> => testReplicator({ ...vaults, keyring });
const replicate = (vaults = { from, to }): ReturnType<typeof replicateOnce> => replicateOnce({ ...vaults, keyring });

const all = [old, chain, `${chain}/1`, `${chain}/2`, `${chain}/3`];
const problems = async (store: Store): Promise<readonly string[]> =>
  (await checkVault({ store, keyring })).problems.map(({ message }) => message);

async function seal(store: Store): Promise<void> {
  const last = (await Array.fromAsync(readChain(store, chain, keyring))).at(-1);
  if (last !== undefined) await storeTestSegment(store, keyring, last.head, Buffer.from(`${folders}`));
}

async function removeAll(store: Store, prefix: string): Promise<void> {
  for (const { path } of await store.list(prefix)) await store.delete(path);
}

describe("two replicators at once", () => {
  it.runIf(isNightly)("leave a chain that goes on to be copied, however they end", async () => {
    const [one, other] = [await open(), await open()];
    await one.round();
    await one.end();
    // The slower of the two knows of the first increments only.
    await seal(from);
    await other.round();
    const third = await open();
    await seal(from);
    await third.round();
    await third.end();
    await other.end();
    await seal(from);
    expect(await replicate()).toMatchObject({ problems: [], removedThere: [], copied: { increments: 1 } });
    expect(await problems(to)).toEqual([]);
  });
});

describe("what the second vault lost", () => {
  it("in the middle of a chain is copied again, whole increments and manifests alone", async () => {
    await replicate();
    await removeAll(to, `${segmentFolder(chain, 1)}/`);
    await to.delete(`${segmentFolder(chain, 2)}/manifest.json`);
    expect(await replicate()).toMatchObject({ problems: [], copied: { increments: 2 } });
    expect(await wholePoints(to, keyring)).toEqual(all);
    expect(await problems(to)).toEqual([]);
  });

  it("of a signature is copied again", async () => {
    await replicate();
    await to.delete(backupPath(old, "manifest.json.asc"));
    expect((await replicate()).repaired).toEqual([`backups/${old}`]);
    expect(await wholePoints(to, keyring)).toEqual(all);
  });

  it.runIf(isNightly)("and whose loss was adopted, or that was discarded as damaged, is copied again", async () => {
    await replicate();
    await removeAll(to, `backups/${old}/`);
    await adopt({ store: to, keyring });
    await to.delete(`${segmentFolder(chain, 3)}/part-00000.zst.pgp`);
    await discard({ store: to, keyring, signal: never }, `${chain}/3`, true);
    expect(await wholePoints(to, keyring)).toEqual(all.slice(1, -1));
    expect(await replicate()).toMatchObject({ problems: [], removedThere: [], copied: { backups: 1, increments: 1 } });
    expect(await wholePoints(to, keyring)).toEqual(all);
    expect(await problems(to)).toEqual([]);
  });

  it("keeps the pin that it has, or has not, when it is repaired", async () => {
    await pin(from, `backups/${old}`, "for the auditors", never);
    await replicate();
    await unpin(to, `backups/${old}`, never);
    await to.delete(backupPath(old, "part-00000.zst.pgp"));
    expect((await replicate()).repaired).toEqual([`backups/${old}`]);
    expect(await readPin(to, `backups/${old}`)).toBeUndefined();
  });

  it("of its catalogue keeps nothing out, and is named", async () => {
    await replicate();
    await to.delete("catalogue/00000002.json");
    await removeAll(to, `backups/${old}/`);
    await seal(from);
    const round = await replicate();
    expect(round.problems).toEqual([expect.stringContaining("catalogue/00000002.json is missing")]);
    expect(await wholePoints(to, keyring)).toEqual([...all, `${chain}/4`]);
  });
});

describe("blames the right one", () => {
  it("where a part of the first vault is cut short", async () => {
    await replicate();
    const part = backupPath(old, "part-00000.zst.pgp");
    await from.put(part, Buffer.alloc(3));
    const round = await replicate();
    expect(round).toMatchObject({ repaired: [], copied: { objects: 0 } });
    expect(round.problems).toEqual([expect.stringContaining(`backups/${old} in ${from.where} is damaged`)]);
  });

  it.each(["first", "second"])("where the bytes of a manifest changed in the %s vault", async (which) => {
    await replicate();
    const store = which === "first" ? from : to;
    const path = `${segmentFolder(chain, 3)}/manifest.json`;
    const bytes = (await store.get(path)) ?? Buffer.alloc(0);
    bytes[9] = (bytes[9] ?? 0) ^ 1;
    await store.put(path, bytes);
    expect((await replicate()).problems).toEqual([
      expect.stringContaining(`${path} in ${store.where} is not signed by a key`),
    ]);
  });
});

describe("a prune during a round", () => {
  it("of the first vault takes its backups out of what is to be copied", async () => {
    const slow = beforePut(to, /part-/, () => removeAll(from, `backups/${old}/`));
    expect(await replicate({ from, to: slow })).toMatchObject({ problems: [], copied: { backups: 1, increments: 3 } });
    expect(await wholePoints(to, keyring)).toEqual(all.slice(1));
  });

  it("of the second vault is not undone, and leaves no increments without their backup", async () => {
    await replicate();
    await seal(from);
    const later = await storeTestChain(from, keyring, "2026-11-25T03:00:00.000Z");
    const request = { rules: { last: 1 }, zone: "UTC", dryRun: false, progress: silentProgress, signal: never };
    // The backup that is being copied is the newest by then.
    const slow = beforePut(to, new RegExp(`segments/${chain}/00000004|locks/`), async () => {
      await storeTestChain(to, keyring, "2026-11-26T03:00:00.000Z");
      await prune({ store: to, keyring }, request);
    });
    const round = await replicate({ from, to: slow });
    expect(round.problems).toEqual([]);
    expect((await wholePoints(to, keyring)).slice(0, 1)).toEqual([later]);
    expect(await to.list(`segments/${chain}/`)).toEqual([]);
    expect(await problems(to)).toEqual([]);
  });
});

it("overwrites nothing of an increment that was written there meanwhile", async () => {
  await replicate();
  await seal(from);
  const busy = beforePut(to, /00000004\/part-/, async () => {
    folders += 1;
    await seal(to);
  });
  await expect(replicate({ from, to: busy })).resolves.toMatchObject({
    problems: [expect.stringContaining("was written meanwhile")],
  });
  expect(await wholePoints(to, keyring)).toEqual([...all, `${chain}/4`]);
  const { manifest } = await readSegment(to, chain, 4, keyring);
  const parts = { ...partsOf(await readManifest(to, chain, keyring)), parts: manifest.parts };
  await checkParts(to, { ...parts, pathOf: (name) => `${segmentFolder(chain, 4)}/${name}` }, never);
});

it("refuses one vault under two names", async () => {
  await symlink(folder, `${folder}-link`);
  await expect(mustBeTwo({ from, to: await openVault(`${folder}-link`) })).rejects.toMatchObject({
    exit: "usage",
    message: expect.stringContaining("are the same vault"),
  });
});

it("notices that the first vault is gone", async () => {
  const replicator = await open();
  await replicator.round();
  await rename(folder, `${folder}-away`);
  await expect(replicator.round()).rejects.toThrow("is gone");
});

it("does not let the newest chain wait for all older backups", async () => {
  const older = await storeTestChain(from, keyring, "2026-11-19T03:00:00.000Z");
  let arrived: unknown;
  const slow = beforePut(
    beforePut(to, new RegExp(`backups/${old}/part-`), () => seal(from)),
    new RegExp(older),
    async () => {
      arrived = await to.get(`${segmentFolder(chain, 4)}/manifest.json`);
    },
  );
  await replicate({ from, to: slow });
  expect(arrived).toBeDefined();
});

it("a fault that is carried over does not look good when its record is removed, and keeps a record that is suspect", async () => {
  const context = { store: from, keyring };
  await remember(
    context,
    old,
    { at: "2026-11-29T00:00:00.000Z", ok: false, problems: ["it differs"], phases: [] },
    never,
  );
  await replicate();
  await to.delete(`backups/${old}/validation.json`);
  expect(await problems(to)).toEqual([expect.stringContaining(`${old} was found faulty`)]);
  await to.put(`backups/${old}/validation.json`, Buffer.from("{}"));
  await replicate();
  expect(await problems(to)).toEqual([]);
  expect((await to.list(`backups/${old}/validation-untrusted-`)).length).toBe(1);
});

it("is the way out of a first vault that is full", async () => {
  const full = (): Promise<never> => Promise.reject(new StoreError("full", "no room", ""));
  await replicate({ from: { ...from, put: full, putIfAbsent: full }, to });
  expect(await wholePoints(to, keyring)).toEqual(all);
});

it("names what a key ring does not trust where nothing is lacking", async () => {
  await replicate();
  const foreign = new Keyring(join(root, `foreign-${folders}`));
  await foreign.generate("signer", "f", "interop");
  const options = { limit: new RateLimit(noLimit), progress: silentProgress, signal: never };
  const { problems: named } = await (await Replicator.create({ from, to, keyring: foreign }, options)).round();
  expect(named).toEqual([expect.stringContaining("is not signed by a key")]);
});
