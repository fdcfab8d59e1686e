// What every store must do; each implementation runs this suite.
import { expect, it } from "vitest";
import type { Store } from "../store/store.ts";

export function storeConformance(open: () => Promise<Store>): void {
  it("returns what was put, and replaces it", async () => {
    const store = await open();
    await store.put("a/b/c.bin", Buffer.from([0, 1, 255]));
    expect(await store.get("a/b/c.bin")).toEqual(Buffer.from([0, 1, 255]));
    await store.put("a/b/c.bin", Buffer.alloc(0));
    expect(await store.get("a/b/c.bin")).toEqual(Buffer.alloc(0));
  });

  it("has no object that was never put", async () => {
    const store = await open();
    expect(await store.get("nothing/here")).toBeUndefined();
    expect(await store.list("nothing/")).toEqual([]);
    await store.delete("nothing/here");
  });

  it("lists whole objects by prefix, in order, with their sizes", async () => {
    const store = await open();
    for (const path of ["x/2", "x/1", "x/y/3", "xx/4", "5"]) await store.put(path, Buffer.from(path));
    expect(await store.list("x/")).toEqual([
      { path: "x/1", sizeBytes: 3 },
      { path: "x/2", sizeBytes: 3 },
      { path: "x/y/3", sizeBytes: 5 },
    ]);
    expect((await store.list("x")).map(({ path }) => path)).toEqual(["x/1", "x/2", "x/y/3", "xx/4"]);
    expect(await store.list("")).toHaveLength(5);
    await store.delete("x/1");
    expect((await store.list("x/")).map(({ path }) => path)).toEqual(["x/2", "x/y/3"]);
  });

  it("lets only one of many be the first", async () => {
    const store = await open();
    const won = await Promise.all(
      Array.from({ length: 8 }, (_, index) => store.putIfAbsent("lock", Buffer.from(String(index)))),
    );
    expect(won.filter(Boolean)).toHaveLength(1);
    expect((await store.get("lock"))?.toString()).toBe(String(won.indexOf(true)));
    expect(await store.listUnfinished()).toEqual([]);
  });
}
