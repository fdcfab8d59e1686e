// What a restore reads of a store far away: everything once, several at a time, and never what was replaced.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, expect, it } from "vitest";
import type { Store } from "../store/store.ts";
import { initVault } from "../store/vault.ts";
import { release } from "./release.ts";
import { readAhead } from "./read-ahead.ts";

const root = await mkdtemp(join(tmpdir(), "falkordrill-read-ahead-"));
afterAll(() => rm(root, { recursive: true }));
const paths = Array.from({ length: 20 }, (_, index) => `segments/x/${String(index).padStart(8, "0")}/manifest.json`);
const partBytes = 20_000;
let vaults = 0;
let store: Store;
let asked: string[];
let atOnceMax: number;
beforeEach(async () => {
  const inner = await initVault(join(root, `${++vaults}`));
  for (const path of paths) await inner.put(path, Buffer.alloc(partBytes, path));
  [asked, atOnceMax] = [[], 0];
  let now = 0;
  store = {
    ...inner,
    get: async (path, bytesMax) => {
      asked.push(path);
      atOnceMax = Math.max(atOnceMax, ++now);
      return await inner.get(path, bytesMax).finally(() => (now -= 1));
    },
  };
});

it("asks for each object once in several passes, and for several at a time", async () => {
  const ahead = readAhead(store);
  await ahead.list("segments/x/");
  for (let pass = 1; pass <= 3; pass += 1)
    for (const path of paths) {
      const bytes = await ahead.get(path);
      expect(bytes?.equals(Buffer.alloc(partBytes, path))).toBe(true);
      if (bytes !== undefined) release(bytes);
    }
  expect(asked.toSorted()).toEqual(paths);
  expect(atOnceMax).toBeGreaterThan(4);
});

it("gives what was written since, and asks again where a request ahead had failed", async () => {
  let fails = true;
  const ahead = readAhead({
    ...store,
    get: async (path, bytesMax) => {
      if (fails && path === paths[1]) throw new Error("no answer");
      return await store.get(path, bytesMax);
    },
  });
  await ahead.list("segments/x/");
  await ahead.get(paths[0] ?? "");
  await expect(ahead.get(paths[1] ?? "")).rejects.toThrow("no answer");
  fails = false;
  expect((await ahead.get(paths[1] ?? ""))?.length).toBe(partBytes);
  await ahead.put(paths[2] ?? "", Buffer.from("new"));
  expect((await ahead.get(paths[2] ?? "", partBytes))?.toString()).toBe("new");
});

it("asks at once for what it was told of, and lists it again for who asks again", async () => {
  let lists = 0;
  const counted: Store = {
    ...store,
    list: async (prefix) => {
      lists += 1;
      return await store.list(prefix);
    },
  };
  const ahead = readAhead(counted, ["segments/x/"]);
  expect(lists).toBe(1);
  expect((await ahead.get(paths[0] ?? ""))?.length).toBe(partBytes);
  expect(asked.length).toBeGreaterThan(4);
  expect(await ahead.list("segments/x/")).toHaveLength(paths.length);
  expect(lists).toBe(1);
  await ahead.list("segments/x/");
  expect(lists).toBe(2);
  expect(asked.toSorted()).toEqual(paths);
});

it("keeps a small backup with its large parts for the second pass, and no part of a large backup", async () => {
  const largeBytes = 1.5 * 2 ** 20;
  const partsOf = (id: string, count: number): readonly string[] =>
    Array.from({ length: count }, (_, index) => `backups/${id}/part-${index}`);
  const [small, large] = [partsOf("small", 4), partsOf("large", 8)];
  for (const path of [...small, ...large]) await store.put(path, Buffer.alloc(largeBytes, path));
  const ahead = readAhead(store, ["backups/small/", "backups/large/"]);
  for (let pass = 1; pass <= 2; pass += 1)
    for (const path of [...small, ...large])
      expect((await ahead.get(path))?.equals(Buffer.alloc(largeBytes, path))).toBe(true);
  expect(asked.toSorted()).toEqual([...large, ...large, ...small].toSorted());
});
