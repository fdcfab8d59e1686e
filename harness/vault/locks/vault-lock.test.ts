import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { Clock } from "../../base/clock.ts";
import { waitFor } from "../../base/wait.ts";
import type { HeldLock } from "./held-lock.ts";
import { type LockEntry, lockPath, readLocks, writeLock } from "./lock-entries.ts";
import { thisProcess } from "./lock-owner.ts";
import { folderStore } from "../store/store-folder.ts";
import { type Store, StoreError } from "../store/store.ts";
import { breakLocks } from "./unlock.ts";
import { awaitLock, lockTtlMs, lockVault, useBackups } from "./vault-lock.ts";

const root = await mkdtemp(join(tmpdir(), "falkordrill-lock-"));
afterAll(() => rm(root, { recursive: true }));
const startMs = Date.parse("2026-11-21T00:00:00.000Z");
let nowMs = startMs;
const clock: Clock = { nowMs: () => nowMs, monotonicMs: () => nowMs };
const me = await thisProcess();

let stores = 0;
let store: Store;
beforeEach(() => {
  store = folderStore(join(root, String(stores++)));
  nowMs = startMs;
});

async function othersLock(changes: Partial<LockEntry> & { readonly owner: LockEntry["owner"] }): Promise<void> {
  await writeLock(store, {
    token: "0123456789abcdef",
    does: "backup",
    exclusive: true,
    state: "held",
    since: new Date(startMs).toISOString(),
    expiresAt: new Date(startMs + lockTtlMs).toISOString(),
    uses: [],
    removes: [],
    ...changes,
  });
}
const lock = (does = "backup"): Promise<HeldLock> => lockVault(store, does, { clock });

describe("the lock of writers", () => {
  it("is released where the wait for it is aborted while it is being taken", async () => {
    const stop = new AbortController();
    const put: Store["put"] = async (path, bytes) => {
      await store.put(path, bytes);
      stop.abort(new Error("stopped by the test"));
    };
    const wait = { timeoutMs: 60_000, signal: stop.signal };
    await expect(awaitLock({ ...store, put }, "the cut of a proof", wait)).rejects.toThrow("stopped by the test");
    expect(await store.list("locks/")).toEqual([]);
  });

  it("is held by one, who says what for, and free again afterwards", async () => {
    {
      await using _lock = await lock("prune");
      const refused = `is locked for prune by process ${process.pid} on ${me.host} since 2026-11-21T00:00:00.000Z`;
      await expect(lock()).rejects.toThrow(refused);
    }
    await using again = await lock();
    expect(again.notes).toEqual([]);
  });

  it("is given to exactly one of many who ask at once, and to all of them in turn", async () => {
    let holders = 0;
    let most = 0;
    const work = async (): Promise<void> => {
      const held = await waitFor(() => lock().catch(() => undefined), { what: "a turn", timeoutMs: 20_000 });
      most = Math.max(most, ++holders);
      await held.mustHold();
      holders -= 1;
      await held[Symbol.asyncDispose]();
    };
    await Promise.all(Array.from({ length: 6 }, work));
    expect(most).toBe(1);
    expect(await store.list("")).toEqual([]);
  });

  it("of a dead process is taken over, also when its number lives on in another process", async () => {
    for (const owner of [
      { ...me, pid: 2 ** 22 + 1 },
      { ...me, startedAt: "17" },
    ]) {
      await othersLock({ owner });
      await using taken = await lock();
      expect(taken.notes.join()).toContain("took over a lock whose process has ended: backup by process");
    }
    expect(await store.list("")).toEqual([]);
  });

  it("of another machine is taken over only when it has run out, and says so", async () => {
    for (const owner of [
      { ...me, host: "elsewhere" },
      { ...me, place: "another boot of this host, or another host of this name" },
    ]) {
      nowMs = startMs;
      await othersLock({ owner });
      await expect(lock()).rejects.toThrow(`on ${owner.host}`);
      nowMs = startMs + lockTtlMs + 1;
      await using taken = await lock();
      expect(taken.notes.join()).toContain("which expired at 2026-11-21T00:10:00.000Z: backup by process");
    }
  });

  it("of a living process of this machine is never taken over, though it has run out", async () => {
    await othersLock({ owner: me });
    nowMs = startMs + 10 * lockTtlMs;
    await expect(lock()).rejects.toThrow("is locked for backup");
  });

  it("that is not understood is left alone", async () => {
    await store.put(lockPath("newer"), Buffer.from('{"version": 9}'));
    await expect(lock()).rejects.toThrow("something that this program does not understand (locks/newer.json)");
  });

  it("is renewed while it is held", async () => {
    await using held = await lockVault(store, "backup", { ttlMs: 1500 });
    const expiry = async (): Promise<string | undefined> =>
      (await readLocks(store, clock)).find(({ entry }) => entry?.token === held.token)?.entry?.expiresAt;
    const before = await expiry();
    const later = async (): Promise<string | undefined> => {
      const now = await expiry();
      return now === before ? undefined : now;
    };
    const after = await waitFor(later, { what: "another expiry", timeoutMs: 20_000 });
    expect(Date.parse(after)).toBeGreaterThan(Date.parse(before ?? ""));
  });

  it("that was broken by force stops its holder", async () => {
    await using held = await lockVault(store, "backup", { ttlMs: 1500 });
    await breakLocks(store, { force: true });
    await expect(held.mustHold()).rejects.toThrow("was lost: another process removed it");
    expect(held.signal.aborted).toBe(true);
  });

  it("is not recreated by a renewal that was in progress when it was released", async () => {
    const held = await lock();
    await held[Symbol.asyncDispose]();
    await held.renew();
    expect(await store.list("locks/")).toEqual([]);
  });

  it("that cannot be confirmed once it was taken is released, and renewed no more", async () => {
    const [started, ended] = [vi.spyOn(globalThis, "setInterval"), vi.spyOn(globalThis, "clearInterval")];
    const put: Store["put"] = (path, bytes) =>
      String(bytes).includes('"held"') ? Promise.reject(new Error("the store is gone")) : store.put(path, bytes);
    await expect(lockVault({ ...store, put }, "backup", { clock })).rejects.toThrow("the store is gone");
    const renewals = started.mock.results.map(({ value }) => value as unknown);
    expect(renewals).toHaveLength(1);
    expect(ended.mock.calls.map(([timer]) => timer)).toEqual(renewals);
    vi.restoreAllMocks();
    expect(await store.list("locks/")).toEqual([]);
  });

  it("is not waited for in a vault that cannot be written to", async () => {
    const put = (): Promise<never> => Promise.reject(new StoreError("read-only", "mounted read-only", ""));
    await expect(lockVault({ ...store, put }, "backup", { clock })).rejects.toThrow(/^mounted read-only$/);
    const wait = { timeoutMs: 60_000, signal: new AbortController().signal, clock };
    await expect(awaitLock({ ...store, put }, "pin", wait)).rejects.toThrow(/^mounted read-only$/);
  });

  it("of a full vault is not waited for, and where work is worth it only briefly, a few times a second", async () => {
    let puts = 0;
    const put = (): Promise<never> => {
      puts += 1;
      return Promise.reject(new StoreError("full", "the vault is full", "Prune."));
    };
    await expect(lockVault({ ...store, put }, "backup")).rejects.toThrow(/^the vault is full$/);
    expect(puts).toBe(1);
    const wait = { timeoutMs: 60_000, fullTimeoutMs: 300, signal: new AbortController().signal };
    await expect(awaitLock({ ...store, put }, "pin", wait)).rejects.toThrow(/^the vault is full$/);
    expect(puts).toBeGreaterThan(2);
    expect(puts).toBeLessThan(40);
  });

  it("of a vault that was full is taken once there is room", async () => {
    let puts = 0;
    const put: Store["put"] = async (path, bytes) => {
      if (++puts < 4) throw new StoreError("full", "the vault is full", "Prune.");
      await store.put(path, bytes);
    };
    const wait = { timeoutMs: 60_000, signal: new AbortController().signal };
    await using held = await awaitLock({ ...store, put }, "pin", wait);
    await expect(held.mustHold()).resolves.toBeUndefined();
  });

  it("that another process has now is not released by its former holder", async () => {
    const held = await lock();
    await store.delete(lockPath(held.token));
    await othersLock({ owner: me });
    await expect(held.mustHold()).rejects.toThrow("was lost: now it is locked for backup");
    await held[Symbol.asyncDispose]();
    expect(await store.list("locks/")).toHaveLength(1);
  });
});

describe("a lease of backups", () => {
  it("coexists with the lock of writers, and with other leases", async () => {
    await using _backup = await lock();
    await using _one = await useBackups(store, "restore", ["a"], { clock });
    await using two = await useBackups(store, "restore", ["a"], { clock });
    expect((await two.others()).map(({ entry }) => entry?.uses)).toEqual(expect.arrayContaining([["a"], []]));
  });

  it("is refused for what a prune is removing, and given for the rest", async () => {
    await using prune = await lock("prune");
    await prune.announceRemovals(["a"]);
    await using _other = await useBackups(store, "restore", ["b"], { clock });
    await expect(useBackups(store, "restore", ["a"], { clock })).rejects.toThrow(
      "a is being removed right now: prune by",
    );
    expect(await store.list("locks/")).toHaveLength(2);
  });

  it("is not needed to read a vault that cannot be written to", async () => {
    const put = (): Promise<never> => Promise.reject(new StoreError("read-only", "mounted read-only", ""));
    await using lease = await useBackups({ ...store, put }, "restore", ["a"], { clock });
    expect(lease.notes.join()).toContain("a prune cannot see this restore");
  });
});

describe("unlock", () => {
  it("refuses while an owner runs here and names it, and works by force", async () => {
    await using _held = await lock("archive");
    await expect(breakLocks(store, { force: false, clock })).rejects.toThrow(`archive by process ${process.pid}`);
    expect(await breakLocks(store, { force: true, clock })).toHaveLength(1);
    expect(await store.list("locks/")).toEqual([]);
  });

  it("removes the locks of the dead and those that have expired, and no other", async () => {
    await othersLock({ token: "a", owner: { ...me, startedAt: "17" } });
    await othersLock({ token: "b", owner: { ...me, host: "gone" }, expiresAt: "2026-11-20T00:00:00.000Z" });
    expect(await breakLocks(store, { force: false, clock })).toHaveLength(2);
    await othersLock({ token: "c", owner: { ...me, host: "elsewhere" } });
    await expect(breakLocks(store, { force: false, clock })).rejects.toThrow("ends by itself at 2026-11-21T00:10");
    expect(await store.list("locks/")).toHaveLength(1);
  });
});

describe("with credentials that cannot delete", () => {
  const withoutDelete = (): Store => ({
    ...store,
    delete: () => Promise.reject(new StoreError("read-only", "403 AccessDenied", "")),
  });

  it("a lock ends when it is released, is no trace of a crash, and only one process has it at a time", async () => {
    for (let round = 0; round < 2; round++) {
      await using held = await lockVault(withoutDelete(), "backup", { clock });
      expect(held.notes).toEqual([]);
      await expect(lockVault(withoutDelete(), "backup", { clock })).rejects.toThrow("is locked for backup");
      await using _lease = await useBackups(withoutDelete(), "restore", ["a"], { clock });
    }
    expect(await readLocks(store, clock)).toEqual([]);
    expect((await store.list("locks/")).map(({ sizeBytes }) => sizeBytes)).toEqual([0, 0, 0, 0]);
  });

  it("the lock of a dead process is taken over once, and one broken by force is lost", async () => {
    await othersLock({ owner: { ...me, startedAt: "17" } });
    await using held = await lockVault(withoutDelete(), "backup", { clock });
    expect(held.notes).toHaveLength(1);
    expect(await breakLocks(withoutDelete(), { force: true, clock })).toHaveLength(1);
    await expect(held.mustHold()).rejects.toThrow("was lost: another process removed it");
  });
});
