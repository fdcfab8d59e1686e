// An older Node running the program: it starts the Node of this package and passes on its exit code.
import { execFile, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { packageRoot } from "../harness/base/package.ts";

const bin = join(packageRoot(), "bin", "falkordrill.js");
/** This Node, which says that it is an older one. */
const older = [
  "--import",
  "data:text/javascript,Object.defineProperty(process.versions,'node',{value:'20.20.2'})",
  bin,
];

it("hands over arguments, output and exit code", { timeout: 60_000 }, async () => {
  const { promise, resolve } = Promise.withResolvers<{ readonly code: unknown; readonly stderr: string }>();
  execFile(process.execPath, [...older, "run", "cycle/nothing"], (error, _, stderr) =>
    resolve({ code: error?.code, stderr }),
  );
  expect(await promise).toMatchObject({ code: 2, stderr: expect.stringContaining("cycle/nothing") });
});

it("hands over a signal, and ends by it", { timeout: 60_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), "falkordrill-older-node-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "ana.asc");
  execFileSync("mkfifo", [file]);
  const child = spawn(
    process.execPath,
    [...older, "vault", "keys", "import", file, "--name", "ana", "--vault", folder],
    {
      stdio: "ignore",
    },
  );
  const ended = once(child, "exit");
  // Opens when the other end does: then the command waits for what never comes.
  await using _pipe = await open(file, "w");
  child.kill("SIGTERM");
  expect(await ended).toEqual([null, "SIGTERM"]);
});
