import { hostname } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { folderStore } from "./store-folder.ts";
import { lockVault } from "./vault-lock.ts";

const root = await mkdtemp(join(tmpdir(), "falkordrill-lock-"));
afterAll(() => rm(root, { recursive: true }));
const store = folderStore(root);
const holder = { host: hostname(), pid: process.pid, startedAt: "1", since: "2026-11-21T00:00:00.000Z", token: "t" };
const put = (changes: object): Promise<void> =>
  store.put("lock.json", Buffer.from(JSON.stringify({ ...holder, ...changes })));

describe("the lock of a vault", () => {
  it("is held by one, and free again afterwards", async () => {
    {
      await using _lock = await lockVault(store);
      await expect(lockVault(store)).rejects.toThrow(`is locked by process ${process.pid} on ${hostname()}`);
    }
    await using _again = await lockVault(store);
  });

  it("of a dead process is broken, also when its number lives on in another process", async () => {
    await put({ pid: 2 ** 22 + 1 });
    await (await lockVault(store))[Symbol.asyncDispose]();
    await put({ startedAt: "17" });
    await (await lockVault(store))[Symbol.asyncDispose]();
    expect(await store.get("lock.json")).toBeUndefined();
  });

  it("of another machine is never broken", async () => {
    await put({ host: "elsewhere", pid: 2 ** 22 + 1 });
    await expect(lockVault(store)).rejects.toThrow("on elsewhere");
    await store.delete("lock.json");
  });

  it("that somebody else has taken meanwhile is left to him", async () => {
    const lock = await lockVault(store);
    await put({ token: "his" });
    await lock[Symbol.asyncDispose]();
    expect(await store.get("lock.json")).toBeDefined();
  });
});
