import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { expect, test } from "vitest";
import { environment } from "../environment.ts";
import { waitFor } from "../wait.ts";
import { reaperScript } from "./reaper-script.ts";
import { keptFolder, privateFolder, reaper } from "./reaper.ts";

// Everything that is registered here is made here: a reaper with a fault must not be able to do harm.

/** Feeds the lines to a reaper and closes the pipe, as the end of a harness does. */
async function reap(...lines: string[]): Promise<void> {
  const shell = spawn("/bin/sh", ["-c", reaperScript], { stdio: ["pipe", "ignore", "inherit"] });
  shell.stdin.end(lines.map((line) => `${line}\n`).join(""));
  await once(shell, "exit");
}

async function folderNamed(prefix: string): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), prefix));
  await writeFile(join(path, "file"), "content");
  return path;
}

function startTime(pid: number | undefined): string {
  return readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ")[19] ?? "";
}

const checkScript = (): ReturnType<typeof spawnSync> =>
  spawnSync("shellcheck", ["--shell=sh", "-"], { input: reaperScript, encoding: "utf8" });

test.skipIf(checkScript().error !== undefined && !environment().requireFieldTools)(
  "shellcheck has nothing to say about the script, which no file shows it",
  () => {
    const { stdout, status } = checkScript();
    expect({ stdout, status }).toEqual({ stdout: "", status: 0 });
  },
);

test("what is still registered is removed, and what was taken back stays", async () => {
  const kept = await folderNamed("falkordrill-test $kept-");
  const removed = await folderNamed("falkordrill-test 'removed'-");
  const another = await folderNamed("falkordrill-test-");
  await reap(`+folder ${kept}`, `+folder ${removed}`, `+folder ${another}`, `-folder ${kept}`, "-folder never-was");
  expect([existsSync(kept), existsSync(removed), existsSync(another)]).toEqual([true, false, false]);
  await rm(kept, { recursive: true });
});

test("a folder that does not have our name is never touched", async () => {
  const foreign = await folderNamed("somebody-elses-");
  await reap(`+folder ${foreign}`);
  expect(existsSync(join(foreign, "file"))).toBe(true);
  expect(() => reaper.folder(foreign)).toThrow("only folders named falkordrill-");
  expect(() => reaper.folder("falkordrill-relative")).toThrow("only folders named falkordrill-");
  expect(() => reaper.folder("/tmp/falkordrill-two\nlines")).toThrow("line break");
  await rm(foreign, { recursive: true });
});

test("a process group is killed, even a stopped one", async () => {
  const child = spawn("/bin/sh", ["-c", "sleep 600 & wait"], { detached: true, stdio: "ignore" });
  const exit = once(child, "exit");
  child.kill("SIGSTOP");
  await reap(`+process ${child.pid} ${startTime(child.pid)}`);
  expect(await exit).toEqual([null, "SIGKILL"]);
});

test("what a call has started is killed, in whatever session, environment and files it is", async () => {
  const [mark, script] = ["70368744177999", "env -i /usr/bin/setsid /bin/sleep 600 3>&- & wait"];
  const child = spawn("/bin/sh", ["-c", `ulimit -S -w ${mark} 2>/dev/null || ulimit -S -x ${mark}\n${script}`]);
  const closed = once(child, "close");
  const marked = async (): Promise<string[]> => {
    const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
    const limits = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/limits`, "utf8").catch(() => "")));
    return limits.filter((text) => text.includes(` ${mark} `));
  };
  await waitFor(async () => (await marked()).length > 1 || undefined, { what: "the daemon", timeoutMs: 10_000 });
  await reap(`+call ${mark}`);
  // The daemon holds the output open for as long as it lives.
  expect(await closed).toEqual([null, "SIGKILL"]);
});

test("a later process with the same number is left alone", async () => {
  const child = spawn("sleep", ["600"], { stdio: "ignore" });
  await reap(`+process ${child.pid} 1`, `+process ${child.pid} `);
  expect(child.exitCode ?? child.signalCode).toBeNull();
  child.kill("SIGKILL");
  await once(child, "exit");
});

test("a server that was not registered yet is found by its mark", async () => {
  const folder = await folderNamed("falkordrill-test-");
  const env = { PATH: "/usr/bin:/bin", FALKORDRILL_ENGINE_FOLDER: folder };
  const marked = spawn("sleep", ["600"], { env, stdio: "ignore" });
  const neighbour = spawn("sleep", ["600"], { cwd: folder, stdio: "ignore" });
  const exit = once(marked, "exit");
  await reap(`+folder ${folder}`);
  expect(await exit).toEqual([null, "SIGKILL"]);
  expect(neighbour.exitCode ?? neighbour.signalCode).toBeNull();
  neighbour.kill("SIGKILL");
  expect(existsSync(folder)).toBe(false);
});

test("a private folder is for this user only, and gone when disposed", async () => {
  const folder = await privateFolder("unit");
  expect((await stat(folder.path)).mode & 0o777).toBe(0o700);
  await folder[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
  expect(existsSync(folder.path)).toBe(false);
});

test("a kept folder stays where it was asked for", async () => {
  await using parent = await privateFolder("unit");
  const kept = keptFolder(join(parent.path, "deep", "er"), "engine-source");
  await kept[Symbol.asyncDispose]();
  expect(readdirSync(join(parent.path, "deep", "er"))).toEqual([basename(kept.path)]);
});
