// The simulated power loss on a real file system: synced data survives, unsynced data is lost, and nothing stays
// mounted. Mounting needs root; elsewhere the reason is reported and persistence scenarios do not cover this disaster.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { canariesTell, createVolume, leaveCanaries, volumesUnavailable } from "./volume.ts";
import { privateFolder } from "../base/process/reaper.ts";
import { reaperScript } from "../base/process/reaper-script.ts";
import { runCommand } from "../base/process/run-command.ts";

const unavailable = await volumesUnavailable();
const mounts = (): string => readFileSync("/proc/mounts", "utf8");

test.skipIf(unavailable !== undefined)("a power loss keeps what was synced and loses what was not", async () => {
  let paths: string[] = [];
  {
    await using volume = await createVolume(64 * 2 ** 20);
    await leaveCanaries(volume.path);
    await using files = await volume.copyFiles();
    await volume.losePower();
    paths = [volume.path, files.path];
    expect(await canariesTell(volume.path)).toEqual({ syncedKept: true, unsyncedLost: true });
    expect(await canariesTell(files.path)).toEqual({ syncedKept: true, unsyncedLost: false });
    await writeFile(join(volume.path, "later"), "a machine that runs again");
    await expect(readFile(join(volume.path, "later"), "utf8")).resolves.toBe("a machine that runs again");
  }
  for (const path of paths) expect(existsSync(path)).toBe(false);
  expect(mounts()).not.toContain(paths[0]);
});

test.skipIf(unavailable !== undefined)("the reaper unmounts what a killed harness left", async () => {
  await using volume = await createVolume(16 * 2 ** 20);
  expect(mounts()).toContain(volume.path);
  const shell = spawn("/bin/sh", ["-c", reaperScript], { stdio: ["pipe", "ignore", "inherit"] });
  shell.stdin.end(`+mount ${volume.path}\n`);
  await once(shell, "exit");
  expect(mounts()).not.toContain(volume.path);
});

test.skipIf(unavailable !== undefined)(
  "a machine that cannot simulate a power loss is reported before a drill starts",
  async () => {
    await using programs = await privateFolder("programs");
    for (const program of ["mkfs.ext4", "mount", "umount"]) {
      const { stdout } = await runCommand("/bin/sh", ["-c", `command -v ${program}`], { timeoutMs: 10_000 });
      await symlink(stdout.trim(), join(programs.path, program));
    }
    vi.stubEnv("PATH", programs.path);
    // Other tests mount volumes elsewhere at the same time.
    vi.stubEnv("TMPDIR", programs.path);
    onTestFinished(() => void vi.unstubAllEnvs());
    await expect(volumesUnavailable()).resolves.toMatch(/^perl did not succeed/);
    expect(mounts()).not.toContain(programs.path);
  },
);

test("the reason for missing volumes is one sentence", () => {
  expect(unavailable === undefined || unavailable.length > 10).toBe(true);
});
