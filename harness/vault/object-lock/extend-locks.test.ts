import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it, vi } from "vitest";
import { silentProgress } from "../../base/progress.ts";
import { Keyring } from "../keys/keyring.ts";
import { prune } from "../retention/prune.ts";
import type { RetentionPolicy } from "../retention/retention.ts";
import { isLockable, writeLayout } from "../store/layout.ts";
import { listBackupIds } from "../store/vault.ts";
import { type LockingStore, lockingStore } from "../testing/locking-store.ts";
import { storeTestChain } from "../testing/test-vault.ts";
import { type ExtendedLocks, extendLocks } from "./extend-locks.ts";
import { holdPoint } from "./hold.ts";

vi.setConfig({ testTimeout: 30_000 });
const root = await mkdtemp(join(tmpdir(), "falkordrill-extend-locks-"));
afterAll(() => rm(root, { recursive: true }));
const keyring = new Keyring(join(root, "keys"));
await keyring.generate("signer", "s", "interop");
await keyring.generate("recipient", "r", "interop");
const { signal } = new AbortController();
const dayMs = 86_400_000;
const startMs = Date.parse("2026-11-24T12:00:00Z");
const rule = { mode: "compliance", forMs: 30 * dayMs } as const;

let store: LockingStore;
beforeEach(async () => {
  store = lockingStore(rule, startMs);
  await writeLayout(store, rule);
});

function extend(rules: RetentionPolicy = { all: true }, dryRun = false, ring = keyring): Promise<ExtendedLocks> {
  const times = { rule, everyMs: dayMs, skippedMax: 1 };
  return extendLocks({ store, keyring: ring }, { rules, zone: "UTC", times, dryRun, progress: silentProgress, signal });
}

async function pruned(rules: RetentionPolicy): Promise<{ readonly gone: string[]; readonly why: readonly string[] }> {
  const clock = { nowMs: () => store.nowMs, monotonicMs: () => store.nowMs };
  const request = { rules, zone: "UTC", dryRun: false, progress: silentProgress, signal };
  const { decisions } = await prune({ store, keyring, clock }, request);
  const gone = decisions.filter(({ keep }) => !keep).map(({ id }) => id);
  return { gone, why: decisions.at(-1)?.reasons ?? [] };
}

const chain = (day: number, increments = 0): Promise<string> =>
  storeTestChain(store, keyring, `2026-11-${day}T03:00:00.000Z`, { increments });
const after = (days: number): string => new Date(startMs + days * dayMs).toISOString();

it("refuses a key ring that trusts nothing in the vault", async () => {
  await chain(22);
  const other = new Keyring(join(root, "other"));
  await other.generate("signer", "other", "interop");
  await expect(extend({ all: true }, false, other)).rejects.toMatchObject({
    exit: "usage",
    message: expect.stringContaining("trusts nothing"),
  });
});

describe("a prune", () => {
  it("removes nothing with credentials that see no lock, and only says so where the vault locks nothing itself", async () => {
    const [old, newest] = [await chain(22), await chain(23)];
    store.lacking = ["s3:GetObjectRetention"];
    store.nowMs += 40 * dayMs;
    await expect(pruned({ last: 1 })).rejects.toThrow("s3:GetObjectRetention was refused");
    expect(await listBackupIds(store)).toEqual([old, newest]);
    const plain = { ...store, objectLocks: { ...store.objectLocks, rule: undefined } };
    const notes: string[] = [];
    const progress = { ...silentProgress, note: (line: string): void => void notes.push(line) };
    const request = { rules: { last: 1 }, zone: "UTC", dryRun: false, progress, signal };
    await prune({ store: plain, keyring }, request);
    expect(await listBackupIds(store)).toEqual([newest]);
    expect(notes.join()).toContain("s3:GetObjectRetention was refused; what is locked there may be hidden");
  });
});

describe("extend-locks", () => {
  it("renews all that a kept restore point needs once half of its lock is over, and nothing twice", async () => {
    await chain(22, 2);
    store.nowMs += 10 * dayMs;
    expect(await extend()).toMatchObject({ extended: 0, until: after(30), late: [], unlocked: [], refused: [] });
    store.nowMs = startMs + 16 * dayMs;
    expect(await extend({ all: true }, true)).toMatchObject({ until: after(30) });
    const renewed = await extend();
    // The marker, each entry of the catalogue, three objects of each of two increments, four of the backup.
    const { length: entries } = await store.list("catalogue/0");
    expect(renewed).toMatchObject({ extended: 11 + entries, needed: 11 + entries, until: after(46) });
    expect(await extend()).toMatchObject({ extended: 0, until: after(46) });
  });

  it("leaves to the end of its lock what no rule keeps, and a prune removes it then", async () => {
    const [old, recent] = [await chain(20, 1), await chain(22)];
    store.nowMs += 16 * dayMs;
    const { leftToEnd } = await extend({ last: 1 });
    expect(leftToEnd.toSorted()).toEqual([`backups/${old}`, `segments/${old}/00000001`]);
    const { gone, why } = await pruned({ last: 1 });
    expect([gone, why[0]]).toEqual([[], `locked by the store until ${after(30)}`]);
    store.nowMs = startMs + 31 * dayMs;
    expect((await pruned({ last: 1 })).gone).toEqual([`${old}/00000001`, old]);
    expect(await listBackupIds(store)).toEqual([recent]);
    // What was removed by right is not renewed behind its delete markers.
    expect(await extend({ last: 1 })).toMatchObject({ hidden: [], unlocked: [], late: [] });
  });

  it("keeps a whole restore point of which only one object is locked", async () => {
    const [old] = [await chain(20, 1), await chain(22)];
    const path = `backups/${old}/part-00000.zst.pgp`;
    await store.objectLocks.retain({ path }, "compliance", startMs + 90 * dayMs);
    store.nowMs += 31 * dayMs;
    expect((await pruned({ last: 1 })).gone).toEqual([`${old}/00000001`]);
    expect(await store.list(`backups/${old}/`)).toHaveLength(4);
  });

  it("renews what was hidden or replaced by someone who may write, and names what is hidden", async () => {
    const id = await chain(22);
    const [manifest, part] = [`backups/${id}/manifest.json`, `backups/${id}/part-00000.zst.pgp`];
    await store.delete(manifest);
    await store.put(part, Buffer.from("other"));
    store.nowMs += 16 * dayMs;
    expect((await extend()).hidden).toEqual([manifest]);
    const versions = await store.objectLocks.versions(`backups/${id}/`);
    const needed = versions.filter(({ path, isMarker }) => !isMarker && isLockable(path));
    const locks = await Promise.all(needed.map((version) => store.objectLocks.lockOf(version)));
    expect(locks.map((lock) => lock?.untilMs)).toEqual(needed.map(() => Date.parse(after(46))));
    for (const { path } of await store.list("")) await store.delete(path);
    expect((await extend()).hidden).toHaveLength(5 + (await store.objectLocks.versions("catalogue/0")).length / 2);
  });

  it("names what it may not extend, what had no lock, and a renewal that is late", async () => {
    const id = await chain(22);
    const [manifest, part] = [`backups/${id}/manifest.json`, `backups/${id}/part-00000.zst.pgp`];
    store.refuses.add(part);
    await store.objectLocks.retain({ path: manifest }, undefined as never, 0);
    store.nowMs = startMs + 29.5 * dayMs;
    const found = await extend();
    expect(found.refused).toMatchObject([{ path: part, why: expect.stringContaining("403 AccessDenied") as string }]);
    expect(found).toMatchObject({ unlocked: [manifest], until: after(30) });
    expect(found.late).toContain(part);
    expect(await extend()).toMatchObject({ unlocked: [], late: [part] });
  });

  it("refuses times with which a lock could end, and a store that locks nothing", async () => {
    const times = { rule: { mode: "governance", forMs: 2 * dayMs }, everyMs: dayMs, skippedMax: 1 } as const;
    const options = { rules: { all: true }, zone: "UTC", times, dryRun: false, progress: silentProgress, signal };
    await expect(extendLocks({ store, keyring }, options)).rejects.toThrow("too short for a renewal every");
    const { objectLocks: _, ...plain } = store;
    await expect(
      extendLocks({ store: plain, keyring }, { ...options, times: { ...times, skippedMax: 0 } }),
    ).rejects.toThrow("is a folder, which cannot lock objects");
  });
});

describe("a legal hold", () => {
  it("is on a backup with its increments until it is lifted, and a prune says so", async () => {
    const [old] = [await chain(20, 2), await chain(22)];
    store.nowMs += 31 * dayMs;
    expect(await holdPoint(store, { id: old, last: 1, isOn: true }, signal)).toBe(7);
    const held = await pruned({ last: 1 });
    expect([held.gone, held.why[0]]).toEqual([[`${old}/00000002`], expect.stringContaining("legal hold")]);
    expect(await holdPoint(store, { id: old, isOn: false }, signal)).toBe(10);
    expect((await pruned({ last: 1 })).gone).toEqual([`${old}/00000001`, old]);
    await expect(holdPoint(store, { id: "20200101T000000Z-00000000", isOn: true }, signal)).rejects.toThrow(
      "has no backup",
    );
  });
});
