import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { changedSettings, strayObjects } from "./left-behind.ts";

const vault = await mkdtemp(join(tmpdir(), "falkordrill-left-behind-"));
afterAll(() => rm(vault, { recursive: true }));

test("a setting that differs or is gone is named with both values; what was added later is not ours", () => {
  const before = new Map([
    ["rdbcompression", "yes"],
    ["save", ""],
    ["gone", "1"],
  ]);
  const after = new Map([
    ["rdbcompression", "no"],
    ["save", ""],
    ["new", "1"],
  ]);
  expect(changedSettings(before, before)).toEqual([]);
  expect(changedSettings(before, after)).toEqual(["rdbcompression: was yes, is no", "gone: was 1, is gone"]);
});

test("objects of a restore point are no strays; parts without one, and noted settings, are", async () => {
  for (const name of ["vault.json", "backups/whole/manifest.json", "backups/half/part-00000", "guest/server.json"]) {
    await mkdir(join(vault, name, ".."), { recursive: true });
    await writeFile(join(vault, name), "");
  }
  expect((await strayObjects(vault, [{ id: "whole" }])).toSorted()).toEqual([
    "backups/half",
    "backups/half/part-00000",
    "guest/server.json",
  ]);
  expect(await strayObjects(vault, [{ id: "whole" }, { id: "half" }])).toEqual(["guest/server.json"]);
});
