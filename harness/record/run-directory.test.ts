import { execFileSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { readRun } from "./run-directory.ts";

it("does not wait for a pipe in place of a file", async () => {
  const folder = await mkdtemp(join(tmpdir(), "falkordrill-run-"));
  execFileSync("mkfifo", [join(folder, "run.json")]);
  expect(() => readRun(folder)).toThrow("run.json could not be read: it is not a file");
  await rm(folder, { recursive: true });
});
