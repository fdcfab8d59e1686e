// Injected differences between two vaults, each found and its first object named; and pairs that differ by their own
// retention only, in which nothing is found.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it, vi } from "vitest";
import { Draw } from "../../../generators/random.ts";
import { silentProgress } from "../../base/progress.ts";
import { isNightly } from "../../base/testing/nightly.ts";
import { appendEntry } from "../catalogue/append.ts";
import { manifestPath } from "../catalogue/holdings.ts";
import { summaryPath } from "../catalogue/summary.ts";
import { readChain } from "../chain/segments.ts";
import { Keyring } from "../keys/keyring.ts";
import { noLimit, RateLimit } from "../replicate/rate-limit.ts";
import { Replicator } from "../replicate/replicator.ts";
import { prune } from "../retention/prune.ts";
import { folderOf } from "../store/garbage.ts";
import { isPart, writeLayout } from "../store/layout.ts";
import type { Store } from "../store/store.ts";
import { listBackupIds, readManifest, writeManifest } from "../store/vault.ts";
import { MemoryStore } from "../testing/memory-store.ts";
import { storeTestSegment } from "../testing/test-segments.ts";
import { storeTestChain } from "../testing/test-vault.ts";
import { compareVaults, type Comparison, type ComparisonDepth } from "./compare-vaults.ts";

vi.setConfig({ testTimeout: 600_000, hookTimeout: 60_000 });
const root = await mkdtemp(join(tmpdir(), "falkordrill-divergence-"));
afterAll(() => rm(root, { recursive: true }));
const keyring = new Keyring(join(root, "keys"));
await keyring.generate("signer", "s", "interop");
await keyring.generate("recipient", "r", "interop");
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

/** Records the end of the chain, as an archiver does when it ends. */
async function record(store: Store, base: string): Promise<void> {
  const end = (await Array.fromAsync(readChain(store, base, keyring))).at(-1)?.head;
  if (end === undefined) return;
  const { number, sha256 } = end;
  await appendEntry({ store, keyring }, () => [{ does: "chain", point: base, number, sha256 }]);
}

async function seal(store: Store, base: string, text: string): Promise<void> {
  const last = (await Array.fromAsync(readChain(store, base, keyring))).at(-1);
  if (last !== undefined) await storeTestSegment(store, keyring, last.head, Buffer.from(text));
}

async function replicate(from: Store, to: Store): Promise<void> {
  const options = { limit: new RateLimit(noLimit), progress: silentProgress, signal };
  await using replicator = await Replicator.create({ from, to, keyring }, options);
  expect((await replicator.round()).problems).toEqual([]);
  await replicator.end();
}

const keep = (store: Store, last: number): Promise<unknown> =>
  prune({ store, keyring }, { rules: { last }, zone: "UTC", dryRun: false, progress: silentProgress, signal });

const compare = ({ from, to }: Pair, depth: ComparisonDepth): Promise<Comparison> =>
  compareVaults({ from, to, keyring }, { depth, signal });

async function storeChain(store: Store, at: string, increments: number): Promise<string> {
  const id = await storeTestChain(store, keyring, at, { increments });
  await record(store, id);
  return id;
}

const first = await newVault("first");
const old = await storeChain(first, "2026-11-20T03:00:00.000Z", 0);
const middle = await storeChain(first, "2026-11-21T03:00:00.000Z", 2);
const newest = await storeChain(first, "2026-11-22T03:00:00.000Z", 4);
const equal: Pair = { from: first, to: await newVault("second") };
await replicate(equal.from, equal.to);
const elsewhere = await newVault("elsewhere");
const foreign = await storeChain(elsewhere, "2026-11-21T09:00:00.000Z", 1);

async function changed(work: (pair: Pair) => Promise<void>): Promise<Pair> {
  const pair = copyOf(equal);
  await work(pair);
  return pair;
}

const clean: Readonly<Record<string, Pair>> = {
  "in step": equal,
  "of which the second keeps less": await changed(({ to }) => keep(to, 1).then(() => {})),
  "of which the first keeps less": await changed(({ from }) => keep(from, 2).then(() => {})),
  "that keep different backups": await changed(async ({ from, to }) => {
    await keep(from, 2);
    await storeChain(from, "2026-11-23T03:00:00.000Z", 1);
    await replicate(from, to);
    await keep(to, 1);
  }),
  "with increments that neither has recorded": await changed(async ({ from, to }) => {
    for (let added = 0; added < 3; added++) await seal(from, newest, `${added}`);
    await replicate(from, to);
    await seal(from, newest, "one more");
    await replicate(from, to);
  }),
  "of which one has no summary": await changed(({ to }) => to.delete(summaryPath)),
  "of which one has the summary of an earlier entry": await changed(async ({ from, to }) => {
    const earlier = (await to.get(summaryPath)) ?? Buffer.alloc(0);
    await storeChain(from, "2026-11-23T03:00:00.000Z", 1);
    await replicate(from, to);
    await to.put(summaryPath, earlier);
  }),
};

describe("finds nothing in two vaults", () => {
  it.each(Object.keys(clean))("%s", async (name) => {
    const pair = clean[name] ?? equal;
    for (const depth of ["records", "listing", "bytes"] as const) {
      expect((await compare(pair, depth)).divergences).toEqual([]);
    }
  });
});

/** What writers do to two vaults, and what is found then, from the records alone. */
const written: Readonly<Record<string, readonly [kind: string, object: string, work: (pair: Pair) => Promise<void>]>> = {
  "a backup that was not replicated yet": [
    "behind",
    "",
    async ({ from }) => void (await storeChain(from, "2026-11-23T03:00:00.000Z", 0)),
  ],
  "increments that were not replicated yet": [
    "behind",
    manifestPath(newest, 5),
    async ({ from }) => {
      await seal(from, newest, "1");
      await seal(from, newest, "2");
    },
  ],
  "a second vault that went on with a chain": [
    "ahead",
    manifestPath(newest, 5),
    async ({ to }) => {
      await seal(to, newest, "1");
      await record(to, newest);
    },
  ],
  "a second vault with a backup of its own": [
    "ahead",
    "",
    async ({ to }) => void (await storeChain(to, "2026-11-23T03:00:00.000Z", 0)),
  ],
  "a chain that went on in both, as after a fail-back": [
    "fork",
    manifestPath(newest, 6),
    async ({ from, to }) => {
      await seal(from, newest, "the same");
      await replicate(from, to);
      for (const word of ["a", "b", "c"]) await seal(from, newest, word);
      for (const word of ["d", "e"]) await seal(to, newest, word);
      await record(from, newest);
    },
  ],
  "a fork of which neither has a record": [
    "fork",
    manifestPath(newest, 5),
    async ({ from, to }) => {
      await seal(from, newest, "a");
      await seal(to, newest, "b");
    },
  ],
  "a restore point that is half there": [
    "half",
    "",
    async ({ from, to }) => {
      const id = await storeChain(from, "2026-11-23T03:00:00.000Z", 0);
      await appendEntry({ store: to, keyring }, () => [{ does: "began", point: id }]);
    },
  ],
  "a backup that came from another vault": [
    "foreign",
    manifestPath(foreign, 0),
    ({ to }) => replicate(elsewhere, to),
  ],
  "another backup of the same name": [
    "altered",
    manifestPath(old, 0),
    async ({ to }) => {
      const manifest = await readManifest(to, old, keyring);
      const sha256 = await writeManifest(to, { ...manifest, tool: "another" }, await keyring.signer());
      await appendEntry({ store: to, keyring }, () => [{ does: "added", point: old, sha256 }]);
    },
  ],
  "a backup whose loss was adopted": [
    "missing",
    manifestPath(middle, 0),
    async ({ to }) =>
      await appendEntry({ store: to, keyring }, () => [{ does: "removed", point: middle, why: "it was missing" }]),
  ],
};
const diverged = new Map<string, Pair>();
for (const [name, [, , work]] of Object.entries(written)) diverged.set(name, await changed(work));

describe("names what writers did, from the records alone:", () => {
  it.each(Object.keys(written))("%s", async (name) => {
    const [kind, object] = written[name] ?? [];
    const pair = diverged.get(name) ?? equal;
    const { divergences } = await compare(pair, "records");
    expect(divergences[0]?.kind).toBe(kind);
    const newer = (await listBackupIds(kind === "ahead" ? pair.to : pair.from)).at(-1) ?? "";
    expect(divergences[0]?.object).toBe(object === "" ? manifestPath(newer, 0) : object);
    expect(divergences.length).toBe(1);
  });
});

it("a vault that was put back to an older state is named, with its catalogue and its summary", async () => {
  const pair = copyOf(equal);
  const earlier = pair.to.copy(pair.to.where);
  expect((await compare(pair, "listing")).divergences).toEqual([]);
  await storeChain(pair.from, "2026-11-23T03:00:00.000Z", 0);
  await replicate(pair.from, pair.to);
  expect((await compare(pair, "records")).divergences).toEqual([]);
  const { divergences } = await compare({ ...pair, to: earlier }, "records");
  expect(divergences.map(({ kind }) => kind)).toEqual(["record", "behind"]);
});

it("backups whose place a copy for other keys took are named apart", async () => {
  const pair = copyOf(equal);
  const why = "its copy for the keys of today is 20261120T030000Z-00000000";
  await appendEntry({ store: pair.from, keyring }, () => [{ does: "going", point: old, why }]);
  await appendEntry({ store: pair.from, keyring }, () => [{ does: "removed", point: old, why }]);
  expect(await compare(pair, "records")).toMatchObject({ divergences: [], rotated: [old], removedHere: [] });
});

// Harm to the objects, behind the back of both records.

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
    if (found?.object !== object || found?.where !== store.where) missed.push({ seed, name, object, found });
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
