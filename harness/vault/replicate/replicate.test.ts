import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it, vi } from "vitest";
import { systemClock } from "../../base/clock.ts";
import { type Progress, silentProgress } from "../../base/progress.ts";
import { isNightly } from "../../base/testing/nightly.ts";
import { waitFor } from "../../base/wait.ts";
import { checkVault } from "../catalogue/check-vault.ts";
import { readBase, readChain, readSegment } from "../chain/segments.ts";
import { useBackups } from "../locks/vault-lock.ts";
import { remember } from "../restore/verify.ts";
import { prune } from "../retention/prune.ts";
import { type Store, StoreError } from "../store/store.ts";
import { readValidation } from "../store/validation.ts";
import { backupPath, initVault, openVault, readManifest, writeManifest } from "../store/vault.ts";
import { replicateOnce, testKeyring, wholePoints } from "../testing/test-replica.ts";
import { storeTestSegment } from "../testing/test-segments.ts";
import { storeTestChain } from "../testing/test-vault.ts";
import { follow, type FollowStatus } from "./follow.ts";
import { noLimit, RateLimit } from "../parts/rate-limit.ts";
import { Replicator } from "./replicator.ts";

// The first test starts the threads that seal parts, which takes seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });
const root = await mkdtemp(join(tmpdir(), "falkordrill-replicate-"));
afterAll(() => rm(root, { recursive: true }));
const template = join(root, "template");
const keyring = await testKeyring(join(root, "keys"));
const made = await initVault(template);
const old = await storeTestChain(made, keyring, "2026-11-20T03:00:00.000Z");
const chain = await storeTestChain(made, keyring, "2026-11-23T03:00:00.000Z", { increments: 3 });
const { signal } = new AbortController();

let folders = 0;
let from: Store;
let to: Store;
beforeEach(async () => {
  const folder = join(root, `vault-${++folders}`);
  await cp(template, folder, { recursive: true });
  [from, to] = [await openVault(folder), await initVault(`${folder}-second`)];
});

const replicate = (target: Store = to, progress?: Progress): ReturnType<typeof replicateOnce> =>
  replicateOnce({ from, to: target, keyring }, progress);

const all = [old, chain, `${chain}/1`, `${chain}/2`, `${chain}/3`];
const problems = async (store: Store): Promise<readonly string[]> =>
  (await checkVault({ store, keyring })).problems.map(({ message }) => message);

async function seal(store: Store, count = 1): Promise<void> {
  for (let added = 0; added < count; added++) {
    const last = (await Array.fromAsync(readChain(store, chain, keyring))).at(-1)?.head;
    await storeTestSegment(store, keyring, last ?? (await readBase(store, chain, keyring)), Buffer.from(`${folders}`));
  }
}

function keep(store: Store, last: number): ReturnType<typeof prune> {
  const request = { rules: { last }, zone: "UTC", dryRun: false, progress: silentProgress, signal };
  return prune({ store, keyring }, request);
}

const judge = (store: Store, id: string, ok: boolean, at: string): Promise<unknown> =>
  remember({ store, keyring }, id, { at, ok, problems: ok ? [] : ["it differs"], phases: [] }, signal);

it("copies all increments in one round, however slow the way there is, and calls none of them missing", async () => {
  let nowMs = 0;
  const clock = { ...systemClock, monotonicMs: () => (nowMs += 10_000) };
  const options = { limit: new RateLimit(noLimit), progress: silentProgress, signal, clock };
  await using replicator = await Replicator.create({ from, to, keyring }, options);
  expect((await replicator.round()).problems).toEqual([]);
  expect(await wholePoints(to, keyring)).toEqual(all);
});

it("copies every restore point, byte for byte, into a vault that is complete by itself, and then nothing", async () => {
  const first = await replicate();
  expect(first).toMatchObject({ problems: [], onlyThere: [], copied: { backups: 2, increments: 3, objects: 7 } });
  expect(first.newest?.at).toBe((await readSegment(from, chain, 3, keyring)).manifest.toAt);
  expect(await wholePoints(to, keyring)).toEqual(all);
  expect(await problems(to)).toEqual([]);
  expect((await to.list("")).filter(({ path }) => /^locks|unfinished/.test(path))).toEqual([]);
  const writes = vi.fn<(path: string) => void>();
  const again = await replicate({ ...to, put: (path) => Promise.resolve(writes(path)) });
  expect([again.copied.objects, writes.mock.calls]).toEqual([0, []]);
});

it("ended before any of its writes, it shows whole restore points only, and the next run sends the rest once", async () => {
  let bytes = Number.NaN;
  for (let at = 1, isCut = true; isCut; at += isNightly ? 1 : 14) {
    to = await initVault(join(root, `cut-${folders}-${at}`));
    isCut = false;
    let writes = 0;
    const cut = (): void => {
      if (++writes < at) return;
      isCut = true;
      throw new StoreError("broken", "the connection is lost", "");
    };
    const failing: Store = {
      ...to,
      put: async (path, content) => (cut(), await to.put(path, content)),
      putIfAbsent: async (path, content) => (cut(), await to.putIfAbsent(path, content)),
      delete: async (path) => (cut(), await to.delete(path)),
    };
    await replicate(failing).catch(() => {});
    expect(all).toEqual(expect.arrayContaining([...(await wholePoints(to, keyring))]));
    const stored = (await to.list("")).filter(({ path }) => path.includes("part-"));
    const rest = await replicate();
    expect(rest.problems).toEqual([]);
    expect(await wholePoints(to, keyring)).toEqual(all);
    expect(await problems(to)).toEqual([]);
    const sent = rest.copied.bytes + stored.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    expect(sent).toBe(Number.isNaN(bytes) ? (bytes = sent) : bytes);
  }
});

describe("what one vault removes", () => {
  it("from the first stays in the second", async () => {
    await replicate();
    await keep(from, 1);
    expect((await replicate()).onlyThere).toEqual([old]);
    expect(await wholePoints(to, keyring)).toEqual(all);
  });

  it("from the second by its own rules is not copied again", async () => {
    await replicate();
    await storeTestChain(from, keyring, "2026-11-25T03:00:00.000Z");
    await replicate();
    await keep(to, 1);
    const round = await replicate();
    expect(round).toMatchObject({ problems: [], removedThere: [chain, old], copied: { objects: 0 } });
  });
});

describe("what is another thing in both is kept in both, and named:", () => {
  it("a chain that went on in both, by its first increment that differs", async () => {
    await replicate();
    await seal(from, 3);
    folders += 1;
    await seal(to, 2);
    const round = await replicate();
    expect(round.problems).toEqual([
      expect.stringContaining(`the chain of ${chain} went on in both: from increment 4`),
    ]);
    expect(round.copied.objects).toBe(0);
    expect((await wholePoints(to, keyring)).at(-1)).toBe(`${chain}/5`);
    expect((await Array.fromAsync(readChain(from, chain, keyring))).length).toBe(6);
  });

  it("a backup", async () => {
    await replicate();
    const manifest = await readManifest(from, old, keyring);
    await writeManifest(to, { ...manifest, tool: "another" }, await keyring.signer());
    expect((await replicate()).problems).toEqual([expect.stringContaining(`${old} is another backup in ${to.where}`)]);
  });

  it("and a chain that is longer in the second is no problem", async () => {
    await replicate();
    await seal(to, 2);
    expect(await replicate()).toMatchObject({ problems: [], onlyThere: [`increments 4 to 5 of ${chain}`] });
  });
});

it("a part that the second vault has lost, or holds in another size, is sent again", async () => {
  await replicate();
  const [lost, short] = [backupPath(old, "part-00001.zst.pgp"), `segments/${chain}/00000002/part-00000.zst.pgp`];
  await to.delete(lost);
  await to.put(short, Buffer.alloc(3));
  expect(await replicate()).toMatchObject({
    problems: [],
    repaired: [`backups/${old}`, `segments/${chain}/00000002`],
    copied: { backups: 0, increments: 0, objects: 2 },
  });
  expect(await wholePoints(to, keyring)).toEqual(all);
  expect(await problems(to)).toEqual([]);
  expect((await replicate()).repaired).toEqual([]);
});

describe("what cannot be trusted in the first vault is not copied, and the rest is:", () => {
  it("a damaged part", async () => {
    const path = backupPath(chain, "part-00001.zst.pgp");
    const bytes = (await from.get(path)) ?? Buffer.alloc(0);
    bytes[9] = (bytes[9] ?? 0) ^ 1;
    await from.put(path, bytes);
    expect((await replicate()).problems).toEqual([
      expect.stringContaining(`${chain} is not copied any further: ${path}`),
    ]);
    expect(await wholePoints(to, keyring)).toEqual([old]);
  });

  it("a manifest that nobody signed", async () => {
    await from.put(backupPath(old, "manifest.json"), Buffer.from("{}"));
    expect((await replicate()).problems).toEqual([expect.stringContaining("is not signed by a key")]);
    expect(await wholePoints(to, keyring)).toEqual(all.slice(1));
  });

  it("an increment that is missing ends its chain there", async () => {
    for (const { path } of await from.list(`segments/${chain}/00000002/`)) await from.delete(path);
    const round = await replicate();
    expect(round.problems).toEqual([expect.stringContaining("increment 2 of")]);
    expect(await wholePoints(to, keyring)).toEqual([old, chain, `${chain}/1`]);
  });
});

it("a fault that was found is carried over, and a proof of the first vault's bytes is not", async () => {
  await judge(from, old, false, "2026-11-29T00:00:00.000Z");
  await judge(from, chain, true, "2026-11-29T00:00:00.000Z");
  await replicate();
  expect(await readValidation(to, `backups/${old}`, keyring)).toMatchObject({ ok: false, problems: ["it differs"] });
  expect(await readValidation(to, `backups/${chain}`, keyring)).toBeUndefined();
  await judge(to, old, true, "2026-11-30T00:00:00.000Z");
  await judge(from, chain, false, "2026-11-30T00:00:00.000Z");
  await replicate();
  expect(await readValidation(to, `backups/${old}`, keyring)).toMatchObject({ ok: true });
  expect(await readValidation(to, `backups/${chain}`, keyring)).toMatchObject({ ok: false });
});

it("works with credentials that cannot delete, and says what stays", async () => {
  const notes: string[] = [];
  const refused = (): Promise<void> => Promise.reject(new StoreError("read-only", "403", ""));
  const note = (line: string): void => void notes.push(line);
  await replicate({ ...to, delete: refused }, { ...silentProgress, note });
  expect(notes).toEqual([expect.stringContaining("lets nothing be removed")]);
  await replicate({ ...to, delete: refused });
  expect(await wholePoints(to, keyring)).toEqual(all);
  expect(await problems(to)).toEqual([]);
});

it("does not mix its increments with those of an archiver of the second vault", async () => {
  await replicate();
  await seal(from);
  await using _archive = await useBackups(to, "archive of redis://b:6379", [chain]);
  await expect(replicate()).rejects.toMatchObject({
    exit: "environment",
    message: expect.stringContaining("gets increments"),
  });
});

it("follows: increments and new backups arrive, with their lag, until it is ended", async () => {
  const end = new AbortController();
  const limit = new RateLimit(noLimit);
  const options = { limit, progress: silentProgress, signal: end.signal, listEveryMs: 20 };
  const replicator = await Replicator.create({ from, to, keyring }, options);
  let status: FollowStatus | undefined;
  const following = follow(replicator, {
    ...options,
    everyMs: 2,
    roundEveryMs: 3_600_000,
    giveUpMs: 0,
    onStatus: (now) => (status = now),
  });
  const arrives = async (point: string): Promise<void> => {
    const probe = async (): Promise<true | undefined> =>
      (await wholePoints(to, keyring)).includes(point) ? true : undefined;
    await waitFor(probe, { what: `${point} in the second vault`, timeoutMs: 20_000 });
  };
  await arrives(`${chain}/3`);
  await seal(from);
  await arrives(`${chain}/4`);
  const later = await storeTestChain(from, keyring, "2026-11-24T03:00:00.000Z", { increments: 1 });
  await arrives(`${later}/1`);
  end.abort();
  const ended = await following;
  expect(ended).toMatchObject({ last: { problems: [] }, copied: { backups: 3, increments: 5 } });
  expect(ended.newest?.lagMs).toBeGreaterThan(0);
  expect(status).toBeDefined();
  expect(await problems(to)).toEqual([]);
});
