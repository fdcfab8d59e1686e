// What every store must do; each implementation runs this suite.
import { expect, it } from "vitest";
import { DrillError } from "../../base/errors.ts";
import type { Store } from "../store/store.ts";

/** An empty store, and what a test does to it besides. */
export interface StoreUnderTest {
  readonly store: Store;
  /** Leaves an object of one byte half written, as a killed process does. */
  readonly leaveUnfinished: (path: string) => Promise<void>;
  /** Removes the folder or the bucket with all that it holds. */
  readonly removeStorage: () => Promise<void>;
}

export interface StoreLimits {
  /** More objects than two pages of a listing hold, where the store has pages. */
  readonly manyObjects: number;
  /** More bytes than it sends in one request. */
  readonly largeBytes: number;
}

export function storeConformance(open: () => Promise<StoreUnderTest>, { manyObjects, largeBytes }: StoreLimits): void {
  it("returns what was put, and replaces it", async () => {
    const { store } = await open();
    await store.put("a/b/c.bin", Buffer.from([0, 1, 255]));
    expect(await store.get("a/b/c.bin")).toEqual(Buffer.from([0, 1, 255]));
    await store.put("a/b/c.bin", Buffer.alloc(0));
    expect(await store.get("a/b/c.bin")).toEqual(Buffer.alloc(0));
    expect(await store.list("")).toMatchObject([{ path: "a/b/c.bin", sizeBytes: 0 }]);
  });

  it("tags an object anew when it is replaced, also by one of the same size", async () => {
    const { store } = await open();
    const tagOf = async (): Promise<string | undefined> => (await store.list(""))[0]?.tag;
    await store.put("a", Buffer.from("1"));
    const first = await tagOf();
    expect([typeof first, await tagOf()]).toEqual(["string", first]);
    await store.put("a", Buffer.from("2"));
    expect(await tagOf()).not.toBe(first);
  });

  it("has no object that was never put", async () => {
    const { store } = await open();
    expect(await store.get("nothing/here")).toBeUndefined();
    expect(await store.list("nothing/")).toEqual([]);
    await store.delete("nothing/here");
  });

  it("returns a large object byte by byte, and refuses one of more bytes than belong there", async () => {
    const { store } = await open();
    const bytes = Buffer.alloc(largeBytes, "0123456789abcdefg");
    await store.put("large", bytes);
    expect((await store.get("large"))?.equals(bytes)).toBe(true);
    expect(await store.listUnfinished()).toEqual([]);
    const refused = store.get("large", largeBytes - 1);
    await expect(refused).rejects.toMatchObject({ exit: "dataWrong", findingCode: "object-damaged" });
    await expect(store.get("large", 7)).rejects.toThrow(`has ${largeBytes} bytes, and at most 7 belong there`);
    await store.put("empty", Buffer.alloc(0));
    expect(await store.get("empty", 7)).toEqual(Buffer.alloc(0));
  });

  it("lists whole objects by prefix, in order, with their sizes", async () => {
    const { store } = await open();
    for (const path of ["x/2", "x/1", "x/y/3", "xx/4", "5"]) await store.put(path, Buffer.from(path));
    expect(await store.list("x/")).toMatchObject([
      { path: "x/1", sizeBytes: 3 },
      { path: "x/2", sizeBytes: 3 },
      { path: "x/y/3", sizeBytes: 5 },
    ]);
    expect((await store.list("x")).map(({ path }) => path)).toEqual(["x/1", "x/2", "x/y/3", "xx/4"]);
    expect(await store.list("")).toHaveLength(5);
    await store.delete("x/1");
    expect((await store.list("x/")).map(({ path }) => path)).toEqual(["x/2", "x/y/3"]);
  });

  it(`lists all of ${manyObjects} objects`, async () => {
    const { store } = await open();
    const paths = Array.from({ length: manyObjects }, (_, index) => `many/${String(index).padStart(5, "0")}`);
    const left = [...paths];
    const put = async (): Promise<void> => {
      for (let path = left.pop(); path !== undefined; path = left.pop()) await store.put(path, Buffer.from("x"));
    };
    await Promise.all(Array.from({ length: 8 }, put));
    expect((await store.list("many/")).map(({ path }) => path)).toEqual(paths);
    expect(await store.list("many/00001")).toHaveLength(1);
  });

  it("keeps names that need care in a URL, in XML or in a shell", async () => {
    const { store } = await open();
    const names = [`a b+c%2F&amp;=.json`, `it's (odd) "!*~$`, "ä-日本-\u{1f600}.txt", "x?uploadId", ".hidden", "-rf"];
    for (const name of names) await store.put(`odd/${name}`, Buffer.from(name));
    expect((await store.list("odd/")).map(({ path }) => path).toSorted()).toEqual(
      names.map((name) => `odd/${name}`).toSorted(),
    );
    for (const name of names) {
      expect((await store.get(`odd/${name}`))?.toString()).toBe(name);
      await store.delete(`odd/${name}`);
    }
    expect(await store.list("")).toEqual([]);
  });

  it("lets only one of many be the first", async () => {
    const { store } = await open();
    const won = await Promise.all(
      Array.from({ length: 20 }, (_, index) => store.putIfAbsent("lock", Buffer.from(String(index)))),
    );
    expect(won.filter(Boolean)).toHaveLength(1);
    expect((await store.get("lock"))?.toString()).toBe(String(won.indexOf(true)));
    expect(await store.putIfAbsent("lock", Buffer.from("late"))).toBe(false);
    expect(await store.listUnfinished()).toEqual([]);
    await store.delete("lock");
    expect(await store.putIfAbsent("lock", Buffer.from("next"))).toBe(true);
    expect((await store.get("lock"))?.toString()).toBe("next");
  });

  it("does not list what a crash left half written, and reports it with its age", async () => {
    const { store, leaveUnfinished } = await open();
    await store.put("a/whole", Buffer.from("x"));
    await leaveUnfinished("a/half");
    expect(await store.list("")).toMatchObject([{ path: "a/whole", sizeBytes: 1 }]);
    expect(await store.get("a/half")).toBeUndefined();
    const [half, ...others] = await store.listUnfinished();
    expect([half?.sizeBytes, others]).toEqual([1, []]);
    expect(half?.path.startsWith("a/half")).toBe(true);
    // The clock of a store may count in whole seconds.
    expect(half?.ageMs).toBeGreaterThanOrEqual(-1000);
    expect(half?.ageMs).toBeLessThan(120_000);
    await store.delete(half?.path ?? "");
    expect(await store.listUnfinished()).toEqual([]);
    expect(await store.list("")).toHaveLength(1);
  });

  it("writes nothing where its storage is gone, and says so", async () => {
    const { store, removeStorage } = await open();
    await store.put("vault.json", Buffer.from("x"));
    await removeStorage();
    await expect(store.put("a", Buffer.from("x"))).rejects.toBeInstanceOf(DrillError);
    await expect(store.putIfAbsent("a", Buffer.from("x"))).rejects.toBeInstanceOf(DrillError);
  });
}
