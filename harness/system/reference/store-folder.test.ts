import { mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { storeConformance } from "./store-conformance.ts";
import { explain, folderStore } from "./store-folder.ts";
import { StoreError } from "./store.ts";

const folders: string[] = [];
async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "falkordrill-store-"));
  folders.push(path);
  return path;
}
afterAll(() => Promise.all(folders.map((path) => rm(path, { recursive: true }))));

describe("a store in a folder", () => {
  storeConformance(async () => folderStore(await folder()));

  it("is readable by its owner only", async () => {
    const root = await folder();
    await folderStore(root).put("deep/er/object", Buffer.from("x"));
    expect((await stat(join(root, "deep/er/object"))).mode & 0o777).toBe(0o600);
    expect((await stat(join(root, "deep/er"))).mode & 0o777).toBe(0o700);
  });

  it("does not list what a crash left half written, and tells of it with its age", async () => {
    const root = await folder();
    const store = folderStore(root);
    await store.put("a/whole", Buffer.from("x"));
    await writeFile(join(root, "a/half.0123.tmp"), "x");
    expect(await store.list("")).toEqual([{ path: "a/whole", sizeBytes: 1 }]);
    const [half, ...others] = await store.listUnfinished();
    expect([half, others]).toMatchObject([{ path: "a/half.0123.tmp", sizeBytes: 1 }, []]);
    expect(half?.ageMs).toBeGreaterThanOrEqual(0);
    await store.delete(half?.path ?? "");
    expect(await readdir(join(root, "a"))).toEqual(["whole"]);
  });

  it("writes into a folder that others remove whenever it is empty", async () => {
    const root = await folder();
    const rounds = async (name: string): Promise<void> => {
      const store = folderStore(root);
      for (let round = 0; round < 40; round++) {
        await store.put(`shared/${name}`, Buffer.from(name));
        expect((await store.list("shared/")).some(({ path }) => path === `shared/${name}`)).toBe(true);
        await store.delete(`shared/${name}`);
      }
    };
    await Promise.all(["a", "b", "c"].map(rounds));
    expect(await readdir(root)).toEqual([]);
  });

  it("says what is wrong with the folder", async () => {
    const root = await folder();
    await writeFile(join(root, "file"), "x");
    const broken = folderStore(join(root, "file")).put("a", Buffer.from("x"));
    await expect(broken).rejects.toThrow(StoreError);
    // The kernel's own file system refuses everybody, the superuser too.
    const refused = folderStore("/sys/falkordrill").put("a", Buffer.from("x"));
    await expect(refused).rejects.toMatchObject({ code: "read-only" });
    const full = explain("/vault", Object.assign(new Error("write"), { code: "ENOSPC" }));
    expect(full).toMatchObject({ code: "full", message: "the vault /vault is full", exit: "environment" });
  });
});
