// Harm to the objects of one of two equal vaults, behind the back of both records: each found, and the first object named.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it, vi } from "vitest";
import { Draw } from "../../../generators/random.ts";
import { isNightly } from "../../base/testing/nightly.ts";
import { manifestPath } from "../catalogue/holdings.ts";
import { folderOf } from "../store/garbage.ts";
import { isPart, writeLayout } from "../store/layout.ts";
import type { Store } from "../store/store.ts";
import { readManifest, writeManifest } from "../store/vault.ts";
import { MemoryStore } from "../store/memory-store.ts";
import { replicateOnce, storeRecordedChain, testKeyring } from "../testing/test-replica.ts";
import { compareVaults, type Comparison, type ComparisonDepth } from "./compare-vaults.ts";

vi.setConfig({ testTimeout: 900_000, hookTimeout: 60_000 });
const root = await mkdtemp(join(tmpdir(), "falkordrill-injected-"));
afterAll(() => rm(root, { recursive: true }));
const keyring = await testKeyring(join(root, "keys"));
const { signal } = new AbortController();

interface Pair {
  readonly from: MemoryStore;
  readonly to: MemoryStore;
}

let vaults = 0;
/** The key ring remembers each vault by its name. */
const nextName = (what: string): string => `${what}-${++vaults}`;
const copyOf = ({ from, to }: Pair): Pair => ({ from: from.copy(nextName("A")), to: to.copy(nextName("B")) });

async function newVault(name: string): Promise<MemoryStore> {
  const store = new MemoryStore(nextName(name));
  await writeLayout(store);
  return store;
}

const compare = ({ from, to }: Pair, depth: ComparisonDepth): Promise<Comparison> =>
  compareVaults({ from, to, keyring }, { depth, signal });

const first = await newVault("first");
const old = await storeRecordedChain(first, keyring, "2026-11-20T03:00:00.000Z", 0);
const middle = await storeRecordedChain(first, keyring, "2026-11-21T03:00:00.000Z", 2);
const newest = await storeRecordedChain(first, keyring, "2026-11-22T03:00:00.000Z", 4);
const equal: Pair = { from: first, to: await newVault("second") };
await replicateOnce({ ...equal, keyring });
const elsewhere = await newVault("elsewhere");
const foreign = await storeRecordedChain(elsewhere, keyring, "2026-11-21T09:00:00.000Z", 1);

const flip = (bytes: Buffer, at: number): Buffer => {
  const changedBytes = Buffer.from(bytes);
  changedBytes[at] = (changedBytes[at] ?? 0) ^ 1;
  return changedBytes;
};
const bytesOf = async (store: Store, path: string): Promise<Buffer> => (await store.get(path)) ?? Buffer.alloc(0);
const isCopied = (path: string): boolean => isPart(path) || /\/manifest\.json(?:\.asc)?$/.test(path);
const pointOf = (path: string): string => {
  const [room, id = "", number = "0"] = path.split("/");
  return `${id} ${room === "segments" ? number : "00000000"} ${path}`;
};
const older = (paths: readonly string[]): string =>
  paths.toSorted((a, b) => (pointOf(a) < pointOf(b) ? -1 : 1))[0] ?? "";

/** Returns the first object that differs then. */
type Injection = (store: Store, draw: Draw, objects: readonly string[]) => Promise<string>;
const earlierManifest = new MemoryStore("earlier");
for (const id of [old, middle, newest])
  await writeManifest(
    earlierManifest,
    { ...(await readManifest(first, id, keyring)), tool: "an earlier version" },
    await keyring.signer(),
  );

const injections: Readonly<Record<string, Injection>> = {
  missing: async (store, draw, objects) => {
    const path = draw.pick(objects);
    await store.delete(path);
    return path;
  },
  "a restore point missing": async (store, draw, objects) => {
    const folder = folderOf(draw.pick(objects));
    for (const { path } of await store.list(`${folder}/`)) await store.delete(path);
    return `${folder}/manifest.json`;
  },
  "a byte altered": async (store, draw, objects) => {
    const path = draw.pick(objects);
    const bytes = await bytesOf(store, path);
    await store.put(path, flip(bytes, draw.below(bytes.length)));
    return path;
  },
  "cut short": async (store, draw, objects) => {
    const path = draw.pick(objects);
    const bytes = await bytesOf(store, path);
    await store.put(path, bytes.subarray(0, draw.below(bytes.length)));
    return path;
  },
  swapped: async (store, draw, objects) => {
    const one = draw.pick(objects);
    const kind = one.slice(one.lastIndexOf("/")).replace(/\d+/, "");
    const other = draw.pick(objects.filter((path) => path !== one && path.replace(/part-\d+/, "part-").endsWith(kind)));
    const [left, right] = [await bytesOf(store, one), await bytesOf(store, other)];
    await store.put(one, right);
    await store.put(other, left);
    return older([one, other]);
  },
  "of another vault": async (store, draw, objects) => {
    const parts = (await elsewhere.list("backups/")).map(({ path }) => path).filter(isPart);
    const path = draw.pick(objects.filter(isPart));
    await store.put(path, await bytesOf(elsewhere, draw.pick(parts)));
    return path;
  },
  "a backup of another vault": async (store) => {
    for (const { path } of await elsewhere.list("backups/")) await store.put(path, await bytesOf(elsewhere, path));
    return manifestPath(foreign, 0);
  },
  "an older version": async (store, draw) => {
    const path = manifestPath(draw.pick([old, middle, newest]), 0);
    for (const each of [path, `${path}.asc`]) await store.put(each, await bytesOf(earlierManifest, each));
    return path;
  },
  extra: async (store, draw, objects) => {
    const path = `${folderOf(draw.pick(objects))}/part-000${10 + draw.below(80)}.zst.pgp`;
    await store.put(path, Buffer.from("more"));
    return path;
  },
  "a stray object": async (store, draw, objects) => {
    const path = `${folderOf(draw.pick(objects))}/read-me-${draw.below(1000)}.txt`;
    await store.put(path, Buffer.from("all your data"));
    return path;
  },
};
const cases = isNightly ? 1000 : 120;

it(`${cases} of ${cases} seeded injections are found, and the first object that differs is named`, async () => {
  const missed: unknown[] = [];
  const names = Object.keys(injections);
  for (let seed = 1; seed <= cases; seed++) {
    const draw = new Draw(seed, "divergence");
    const pair = copyOf(equal);
    const name = names[seed % names.length] ?? "";
    const store = draw.chance(0.7) ? pair.to : pair.from;
    const objects = (await store.list("")).map(({ path }) => path).filter(isCopied);
    const object = await injections[name]?.(store, draw, objects);
    const [found] = (await compare(pair, "bytes")).divergences;
    // Of two signatures of one manifest that both hold, nobody knows which one was changed.
    const isBlamed = found?.where === store.where || object?.endsWith(".asc") === true;
    if (found?.object !== object || !isBlamed) missed.push({ seed, name, object, found });
  }
  expect(missed).toEqual([]);
});

it("a listing shows what is missing, extra, of another size or recorded by its hash; not a byte within a part", async () => {
  const shows = async (work: (store: Store) => Promise<unknown>): Promise<string | undefined> => {
    const pair = copyOf(equal);
    await work(pair.to);
    return (await compare(pair, "listing")).divergences[0]?.object;
  };
  const part = `backups/${middle}/part-00001.zst.pgp`;
  expect(await shows((store) => store.delete(part))).toBe(part);
  expect(await shows((store) => store.put(part, Buffer.alloc(3)))).toBe(part);
  expect(await shows(async (store) => store.put(part, flip(await bytesOf(store, part), 99)))).toBeUndefined();
  const manifest = manifestPath(middle, 2);
  expect(await shows(async (store) => store.put(manifest, flip(await bytesOf(store, manifest), 99)))).toBe(manifest);
});
