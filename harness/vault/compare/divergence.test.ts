// Two vaults that differ by what writers did to them, and pairs that differ by their own retention only.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it, vi } from "vitest";
import { silentProgress } from "../../base/progress.ts";
import { appendEntry } from "../catalogue/append.ts";
import { manifestPath } from "../catalogue/holdings.ts";
import { summaryPath } from "../catalogue/stored-summary.ts";
import { prune } from "../retention/prune.ts";
import { writeLayout } from "../store/layout.ts";
import type { Store } from "../store/store.ts";
import { listBackupIds, readManifest, writeManifest } from "../store/vault.ts";
import { MemoryStore } from "../store/memory-store.ts";
import {
  addTestIncrement,
  recordTestEnd,
  replicateOnce,
  storeRecordedChain,
  testKeyring,
} from "../testing/test-replica.ts";
import { compareVaults, type Comparison, type ComparisonDepth } from "./compare-vaults.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });
const root = await mkdtemp(join(tmpdir(), "falkordrill-divergence-"));
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

const seal = (store: Store, base: string, text: string): Promise<void> => addTestIncrement(store, keyring, base, text);
const record = (store: Store, base: string): Promise<void> => recordTestEnd(store, keyring, base);
const storeChain = (store: Store, at: string, increments: number): Promise<string> =>
  storeRecordedChain(store, keyring, at, increments);

async function replicate(from: Store, to: Store): Promise<void> {
  expect((await replicateOnce({ from, to, keyring })).problems).toEqual([]);
}

async function keep(store: Store, last: number): Promise<void> {
  await prune({ store, keyring }, { rules: { last }, zone: "UTC", dryRun: false, progress: silentProgress, signal });
}

const first = await newVault("first");
const old = await storeRecordedChain(first, keyring, "2026-11-20T03:00:00.000Z", 0);
const middle = await storeRecordedChain(first, keyring, "2026-11-21T03:00:00.000Z", 2);
const newest = await storeRecordedChain(first, keyring, "2026-11-22T03:00:00.000Z", 4);
const equal: Pair = { from: first, to: await newVault("second") };
await replicateOnce({ ...equal, keyring });
const elsewhere = await newVault("elsewhere");
const foreign = await storeRecordedChain(elsewhere, keyring, "2026-11-21T09:00:00.000Z", 1);

async function changed(work: (pair: Pair) => Promise<void>): Promise<Pair> {
  const pair = copyOf(equal);
  await work(pair);
  return pair;
}

const clean: Readonly<Record<string, Pair>> = {
  "in step": equal,
  "of which the second keeps less": await changed(({ to }) => keep(to, 1)),
  "of which the first keeps less": await changed(({ from }) => keep(from, 2)),
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
const written: Readonly<Record<string, readonly [kind: string, object: string, work: (pair: Pair) => Promise<void>]>> =
  {
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
