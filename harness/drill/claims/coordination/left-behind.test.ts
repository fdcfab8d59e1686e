import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { changedSettings, strayObjects } from "./left-behind.ts";

const vault = await mkdtemp(join(tmpdir(), "falkordrill-left-behind-"));
afterAll(() => rm(vault, { recursive: true }));

test("a changed or missing setting is reported with both values; one added later is ignored", () => {
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

test("parts without a restore point and journaled settings are stray; objects of a restore point are not", async () => {
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
