// What happens to a whole disk or folder while a command runs, done for real: no space, no inodes, mounted read-only,
// made immutable, moved away. Each is done by one function, which returns how to undo it.
import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { environmentError } from "../../base/errors.ts";
import { runCommand } from "../../base/process/run-command.ts";
import type { FileOperations, NewFile } from "../../vault/store/file-operations.ts";

/** `volume` is the mount point of a file system of its own; `vault` is a folder in it. Returns how to undo it. */
export type DiskFault = (volume: string, vault: string) => Promise<() => Promise<void>>;

export const diskFaults: Readonly<Record<string, DiskFault>> = {
  "no space": (volume) => filled(volume, (path) => writeFileSync(path, Buffer.alloc(2 ** 16))),
  "no inodes": (volume) => filled(volume, (path) => writeFileSync(path, "")),
  "mounted read-only": async (volume) => {
    await mustRun("mount", "-o", "remount,ro", volume);
    return async () => await mustRun("mount", "-o", "remount,rw", volume);
  },
  // Modes do not stop root; this does.
  "made immutable": async (_, vault) => {
    await mustRun("chattr", "-R", "+i", vault);
    return async () => await mustRun("chattr", "-R", "-i", vault);
  },
  "moved away": async (_, vault) => {
    renameSync(vault, `${vault}-away`);
    return () => {
      // What was written meanwhile is in a folder that nobody knows.
      rmSync(vault, { recursive: true, force: true });
      renameSync(`${vault}-away`, vault);
      return Promise.resolve();
    };
  },
};

/** Writes files until the system refuses one. */
function filled(volume: string, write: (path: string) => void): Promise<() => Promise<void>> {
  const folder = join(volume, "filler");
  mkdirSync(folder);
  for (let count = 0; ; count++) {
    try {
      write(join(folder, String(count)));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
      return Promise.resolve(() => Promise.resolve(rmSync(folder, { recursive: true })));
    }
  }
}

async function mustRun(command: string, ...args: string[]): Promise<void> {
  const { status, stderr } = await runCommand(command, args, { timeoutMs: 30_000 });
  if (status !== 0) throw environmentError(`${command} did not succeed: ${stderr.trim()}`);
}

/** Does `fault` once, before the operation of this number, counting those that make, rename or remove something. */
export function struckAt(disk: FileOperations, number: number, fault: () => Promise<void>): FileOperations {
  let met = 0;
  const first = async (): Promise<void> => {
    if (++met === number) await fault();
  };
  const one =
    (work: (path: string) => Promise<void>) =>
    async (path: string): Promise<void> => {
      await first();
      await work(path);
    };
  const two =
    (work: (from: string, to: string) => Promise<void>) =>
    async (from: string, to: string): Promise<void> => {
      await first();
      await work(from, to);
    };
  return {
    ...disk,
    openNew: async (path): Promise<NewFile> => {
      await first();
      return await disk.openNew(path);
    },
    rename: two((from, to) => disk.rename(from, to)),
    link: two((from, to) => disk.link(from, to)),
    unlink: one((path) => disk.unlink(path)),
    rmdir: one((path) => disk.rmdir(path)),
  };
}
