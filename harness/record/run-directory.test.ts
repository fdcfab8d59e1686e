import { execFileSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { rmSync, statfsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { mountSmallDisk, remount } from "../fault/small-disk.ts";
import { judgeDrill, schemaVersion } from "./result.ts";
import { readRun, RunDirectory } from "./run-directory.ts";

const folder = await mkdtemp(join(tmpdir(), "falkordrill-run-"));
const disk = await mountSmallDisk(2 ** 20);
afterAll(async () => {
  await disk?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

it("does not wait for a pipe in place of a file", () => {
  execFileSync("mkfifo", [join(folder, "run.json")]);
  expect(() => readRun(folder)).toThrow("run.json could not be read: it is not a file");
});

const result = { schemaVersion, seed: 1, replay: "", scenarios: [], ...judgeDrill([]) };

function writeAll(path: string): void {
  const directory = RunDirectory.create(path);
  directory.writeJson("run.json", {});
  directory.append("history.jsonl", { at: "x".repeat(5000) });
  directory.writeObservation("cycle/full", "source", "x".repeat(9000));
  directory.writeResult(result);
}

it("names a folder that is removed while the run goes on", async () => {
  const directory = RunDirectory.create(join(folder, "gone"));
  directory.writeJson("run.json", {});
  rmSync(directory.path, { recursive: true });
  expect(() => directory.append("history.jsonl", {})).toThrow(`${directory.path} is not there`);
  directory.writeObservation("cycle/full", "source", {});
  directory.writeResult(result);
  await expect(directory.seal()).rejects.toThrow(`${directory.path} was removed or moved while the run went on`);
});

it.skipIf(disk === undefined)("names the file that a full or read-only disk has no room for", async () => {
  const path = disk?.path ?? "";
  const errors: unknown[] = [];
  for (let pages = 0, isWritten = false; !isWritten && pages < 30; pages++) {
    const { bavail, bsize } = statfsSync(path);
    writeFileSync(join(path, "filler"), Buffer.alloc(bavail * bsize - pages * 4096));
    try {
      writeAll(join(path, "run"));
      isWritten = true;
    } catch (error) {
      errors.push(error);
    }
    for (const name of ["run", "filler"]) rmSync(join(path, name), { recursive: true, force: true });
  }
  const named = {
    exit: "environment",
    message: expect.stringMatching(`^${path}/run.* cannot be used: no space is left`) as string,
    hint: expect.stringContaining("Make room") as string,
  };
  expect(errors.length).toBeGreaterThan(2);
  expect(errors.length).toBeLessThan(30);
  for (const error of errors) expect(error).toMatchObject(named);
  await remount(path, "ro");
  expect(() => writeAll(join(path, "run"))).toThrow("run cannot be used: the file system is read-only");
});
