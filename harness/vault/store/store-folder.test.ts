import {
  type FileHandle,
  mkdir,
  mkdtemp,
  open,
  readdir,
  readlink,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { afterAll, describe, expect, it, vi } from "vitest";
import { storeConformance } from "../testing/store-conformance.ts";
import { nodeFiles } from "./file-operations.ts";
import { folderStore } from "./store-folder.ts";
import { full } from "./store-folder-errors.ts";
import { StoreError } from "./store.ts";

const folders: string[] = [];
async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "falkordrill-store-"));
  folders.push(path);
  return path;
}
afterAll(() => Promise.all(folders.map((path) => rm(path, { recursive: true, force: true }))));

describe("a store in a folder", () => {
  storeConformance(
    async () => {
      const root = await folder();
      const leaveUnfinished = async (path: string): Promise<void> => {
        await mkdir(join(root, dirname(path)), { recursive: true });
        await writeFile(join(root, `${path}.0123456789ab.tmp`), "x");
      };
      const removeStorage = (): Promise<void> => rm(root, { recursive: true });
      return { store: folderStore(root, nodeFiles, "."), leaveUnfinished, removeStorage };
    },
    { manyObjects: 201, largeBytes: 2 ** 20 },
  );

  it("is readable by its owner only", async () => {
    const root = await folder();
    await folderStore(root).put("deep/er/object", Buffer.from("x"));
    expect((await stat(join(root, "deep/er/object"))).mode & 0o777).toBe(0o600);
    expect((await stat(join(root, "deep/er"))).mode & 0o777).toBe(0o700);
  });

  it("syncs the object, and once every folder above it", async () => {
    const root = await folder();
    await folderStore(root).put("deep/here", Buffer.from("x"));
    const file = await open(root);
    const handles = Object.getPrototypeOf(file) as FileHandle;
    await file.close();
    const synced: string[] = [];
    for (const name of ["sync", "datasync"] as const) {
      const real = handles[name];
      const seen = async function (this: FileHandle): Promise<void> {
        synced.push(`${name} ${relative(root, await readlink(`/proc/self/fd/${this.fd}`))}`);
        await real.call(this);
      };
      vi.spyOn(handles, name).mockImplementation(seen);
    }
    const store = folderStore(root);
    await store.put("deep/er/and/deeper/object", Buffer.from("x"));
    const first = synced.splice(0);
    await store.put("deep/er/other/object", Buffer.from("x"));
    vi.restoreAllMocks();
    const named = (line: string): string => line.replace(/\.[0-9a-f]{12}\.tmp$/, "");
    expect(first.map(named)).toEqual([
      "datasync deep/er/and/deeper/object",
      "sync deep/er/and/deeper",
      "sync deep/er/and",
      "sync deep/er",
      "sync deep",
      "sync ",
      // The folder of the vault has a name, too.
      expect.stringMatching(/^sync \.\.$/),
      ...first.slice(7),
    ]);
    expect(synced.map(named)).toEqual(["datasync deep/er/other/object", "sync deep/er/other", "sync deep/er"]);
  });

  it("has stored an object of which only the temporary name cannot be removed", async () => {
    const root = await folder();
    const unlink = (): Promise<never> => Promise.reject(Object.assign(new Error("EIO"), { code: "EIO" }));
    const store = folderStore(root, { ...nodeFiles, unlink });
    expect(await store.putIfAbsent("claim", Buffer.from("first"))).toBe(true);
    expect(await store.putIfAbsent("claim", Buffer.from("second"))).toBe(false);
    expect(String(await store.get("claim"))).toBe("first");
  });

  it("lists what lies behind a link to a folder, and ends where links lead back", async () => {
    const [root, elsewhere] = [await folder(), await folder()];
    const store = folderStore(root);
    await store.put("backups/here/part", Buffer.from("x"));
    await folderStore(elsewhere).put("moved/part", Buffer.from("xy"));
    await symlink(join(elsewhere, "moved"), join(root, "backups/there"));
    await symlink(root, join(elsewhere, "moved/back"));
    await symlink(root, join(root, "backups/loop"));
    const listed = await store.list("backups/");
    expect(listed.map(({ path }) => path)).toEqual(["backups/here/part", "backups/there/part"]);
    await store.delete("backups/there/part");
    expect(await readdir(join(elsewhere, "moved"))).toEqual(["back"]);
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
    await expect(folderStore(join(root, "file")).put("a", Buffer.from("x"))).rejects.toThrow("is a file");
    await expect(folderStore("/proc/falkordrill").put("a", Buffer.from("x"))).rejects.toThrow(/cannot be made: ENOENT/);
  });

  it.each([
    ["a disk without room", "ENOSPC", 5, "the vault /v is full: 40.0 KiB of 400.0 KiB are free"],
    ["a disk without inodes", "ENOSPC", 0, "all 8 inodes of its disk are in use"],
    ["a quota", "EDQUOT", 5, "is at the quota of this user"],
  ])("reports %s", (_, code, ffree, message) => {
    const error = full("/v", code, undefined, { bavail: 10, bsize: 4096, blocks: 100, ffree, files: 8 });
    expect(error).toMatchObject({ code: "full", exit: "environment" });
    expect(error.message).toContain(message);
  });

  it("does not list what has a name that is not UTF-8, and leaves it alone", async () => {
    const root = await folder();
    const store = folderStore(root);
    await store.put("a/object", Buffer.from("x"));
    const foreign = Buffer.concat([Buffer.from(join(root, "a", "foreign-")), Buffer.from([0xff])]);
    await mkdir(foreign);
    await writeFile(Buffer.concat([foreign, Buffer.from("/part-"), Buffer.from([0xfe])]), "x");
    expect((await store.list("")).map(({ path }) => path)).toEqual(["a/object"]);
    expect(await store.listUnfinished()).toEqual([]);
    await store.delete("a/object");
    expect(await readdir(join(root, "a"))).toHaveLength(1);
  });

  it("refuses anything but an object where one belongs, and does not list it", async () => {
    const root = await folder();
    const store = folderStore(root);
    await mkdir(join(root, "a/folder"), { recursive: true });
    await symlink("loop", join(root, "a/loop"));
    await symlink("nowhere", join(root, "a/dangling"));
    expect(await store.list("")).toEqual([]);
    expect(await store.get("a/dangling")).toBeUndefined();
    for (const name of ["folder", "loop"])
      await expect(store.get(`a/${name}`)).rejects.toMatchObject({ exit: "dataWrong", findingCode: "object-damaged" });
    await expect(store.put("a/folder", Buffer.from("x"))).rejects.toMatchObject({ exit: "dataWrong" });
  });
});
