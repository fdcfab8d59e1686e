// The registry of crash points, and what an armed process does at one.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { expect, it } from "vitest";
import { sources } from "../../../test/sources.ts";
import { crashingEnvironment } from "../environment.ts";
import { isRunning } from "../proc-stat.ts";
import { waitFor } from "../wait.ts";
import { crashPoints, passedPoints } from "./crash-point.ts";

it("every registered point is passed somewhere, and no other", () => {
  const passed = sources
    .filter((path) => path.startsWith("harness/vault/") && !path.endsWith(".test.ts"))
    .flatMap((path) => Array.from(readFileSync(path, "utf8").matchAll(/passPoint\("([^"]+)"\)/g), ([, name]) => name));
  const known = Object.entries(crashPoints).flatMap(([group, names]) => names.map((name) => `${group}/${name}`));
  expect(new Set(passed)).toEqual(new Set(known));
});

const program = `import { passPoint } from ${JSON.stringify(new URL("crash-point.ts", import.meta.url).href)};
passPoint("lock/held"); passPoint("store/published"); passPoint("lock/held"); console.log("done");`;

it.each([
  ["kill 2", { signal: "SIGKILL", stdout: "" }, ["lock/held", "store/published"]],
  ["kill store/published", { signal: "SIGKILL", stdout: "" }, ["lock/held", "store/published"]],
  ["fail lock/held", { status: 1, stdout: "" }, ["lock/held"]],
  ["list", { status: 0, stdout: "done\n" }, ["lock/held", "store/published", "lock/held"]],
  ["", { status: 0, stdout: "done\n" }, []],
])("with %j", (crash, ends, passed) => {
  const env = crashingEnvironment(crash, tmpdir());
  const ended = spawnSync(process.execPath, ["--input-type=module", "--eval", program], { env, encoding: "utf8" });
  expect(ended).toMatchObject(ends);
  expect(passedPoints(ended.stderr)).toEqual(passed);
});

it("a step that fails does so once, and what undoes it may pass the same point", () => {
  const undoing = program.replace('passPoint("lock/held");', 'try { passPoint("lock/held"); } catch {}');
  const env = crashingEnvironment("fail lock/held", tmpdir());
  const ended = spawnSync(process.execPath, ["--input-type=module", "--eval", undoing], { env, encoding: "utf8" });
  expect(ended).toMatchObject({ status: 0, stdout: "done\n" });
});

it("a process that has ended and that nobody waited for is not running", async () => {
  const parent = spawn("/bin/sh", ["-c", "true & echo $!; exec sleep 60"], { stdio: ["ignore", "pipe", "ignore"] });
  try {
    const [line] = (await once(parent.stdout, "data")) as [Buffer];
    const hasEnded = (): true | undefined => !isRunning(Number(line)) || undefined;
    await waitFor(hasEnded, { what: "a zombie", timeoutMs: 10_000, exit: "internal" });
    expect(isRunning(parent.pid ?? 0)).toBe(true);
  } finally {
    parent.kill("SIGKILL");
  }
});
