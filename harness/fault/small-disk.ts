// A file system of a few megabytes in memory, which a fault can fill or make read-only without harm to anything else.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { environmentError } from "../base/errors.ts";
import { privateFolder, reaper } from "../base/process/reaper.ts";
import { runCommand } from "../base/process/run-command.ts";

const commandTimeoutMs = 30_000;

export interface SmallDisk extends AsyncDisposable {
  /** Mount point; accessible to this user only. */
  readonly path: string;
}

/** Undefined where none can be mounted: that takes root on Linux. */
export async function mountSmallDisk(bytes: number): Promise<SmallDisk | undefined> {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return undefined;
  await using resources = new AsyncDisposableStack();
  const folder = resources.use(await privateFolder("small-disk"));
  const path = join(folder.path, "mount");
  await mkdir(path, { mode: 0o700 });
  const registration = resources.use(reaper.mount(path));
  const options = `size=${bytes},mode=700`;
  const { status } = await runCommand("mount", ["-t", "tmpfs", "-o", options, "falkordrill", path], {
    timeoutMs: commandTimeoutMs,
  });
  if (status !== 0) return undefined;
  resources.move();
  return {
    path,
    [Symbol.asyncDispose]: async () => {
      // Lazy: a file held open by a process must not keep the whole disk.
      await runCommand("umount", ["--lazy", path], { timeoutMs: commandTimeoutMs });
      registration.release();
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** Rejects where a file is open for writing at this moment. */
export async function remount(path: string, mode: "ro" | "rw"): Promise<void> {
  const { status, stderr } = await runCommand("mount", ["-o", `remount,${mode}`, path], {
    timeoutMs: commandTimeoutMs,
  });
  if (status !== 0) throw environmentError(`${path} could not be remounted ${mode}: ${stderr.trim()}`);
}
