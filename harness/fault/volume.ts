// A separate file system for an engine's files: ext4 in an image file, mounted through a loop device. It allows two
// faults that a plain folder does not: losing what only the page cache holds, and losing the whole disk.
//
// `losePower` simulates the power loss of a machine: it shuts the file system down with the ioctl used for testing file
// systems (FS_IOC_SHUTDOWN, without a flush of its log). From that instant no data in the page cache reaches the image;
// mounted again, with its journal replayed, the image holds what a disk would hold. Two limits: the disk is assumed to
// keep what it acknowledged, and data that the kernel writes back between the kill and the shutdown, while the files
// are copied as the page cache has them, counts as kept.
import { chmod, cp, mkdir, open, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { environmentError } from "../base/errors.ts";
import { type PrivateFolder, privateFolder, reaper, type Registration } from "../base/process/reaper.ts";
import { runCommand } from "../base/process/run-command.ts";

const commandTimeoutMs = 30_000;

/**
 * FS_IOC_SHUTDOWN, _IOR('X', 125, __u32), with FS_SHUTDOWN_FLAGS_NOLOGFLUSH; Node has no ioctl, and perl is everywhere.
 */
const shutDownFileSystem = `open(my $folder, "<", $ARGV[0]) or die "$!\\n";
my $flags = pack("L", 2);
ioctl($folder, 0x8004587d, $flags) or die "cannot shut the file system down: $!\\n";`;

export interface Volume extends AsyncDisposable {
  /** Mount point; accessible to this user only. */
  readonly path: string;
  /** Copies the files as processes see them, page cache included, to a folder that the caller disposes of. */
  copyFiles(): Promise<PrivateFolder>;
  /** Loses everything that is not synced, as in a power loss. No process may hold a file open. */
  losePower(): Promise<void>;
}

/** Returns undefined if volumes and `losePower` are available, else one sentence that says why not. */
export async function volumesUnavailable(): Promise<string | undefined> {
  if (process.platform !== "linux") return "file systems in an image file need Linux";
  if (process.getuid?.() !== 0) return "mounting a file system needs root";
  try {
    await using volume = await createVolume(16 * 2 ** 20);
    await volume.losePower();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Creates an empty volume. The image is sparse: it occupies what is written to it. */
export async function createVolume(bytes: number, mkfsOptions: readonly string[] = []): Promise<Volume> {
  await using resources = new AsyncDisposableStack();
  const folder = resources.use(await privateFolder("volume"));
  const image = join(folder.path, "disk.img");
  await using file = await open(image, "wx", 0o600);
  await file.truncate(bytes);
  await mustRun("mkfs.ext4", "-q", "-F", "-m", "0", ...mkfsOptions, image);
  const volume = await mounted(folder, image);
  resources.move();
  return volume;
}

async function mounted(folder: PrivateFolder, image: string): Promise<Volume> {
  const path = join(folder.path, "mount");
  await mkdir(path, { mode: 0o700 });
  const registration: Registration = reaper.mount(path);
  await mustRun("mount", "-o", "loop", image, path);
  await chmod(path, 0o700);
  return {
    path,
    copyFiles: async () => {
      const copy = await privateFolder("volume-files");
      await cp(path, copy.path, { recursive: true, filter: (source) => !source.endsWith("lost+found") });
      return copy;
    },
    losePower: async () => {
      await mustRun("perl", "-e", shutDownFileSystem, path);
      await mustRun("umount", path);
      await mustRun("mount", "-o", "loop", image, path);
    },
    [Symbol.asyncDispose]: async () => {
      // Lazy unmount: a file held open by a process must not keep the whole volume.
      if (await isMounted(path)) await mustRun("umount", "--lazy", path);
      registration.release();
      await folder[Symbol.asyncDispose]();
    },
  };
}

async function isMounted(path: string): Promise<boolean> {
  return (await readFile("/proc/self/mounts", "utf8")).split("\n").some((line) => line.split(" ")[1] === path);
}

async function mustRun(command: string, ...args: string[]): Promise<void> {
  const { status, stderr } = await runCommand(command, args, { timeoutMs: commandTimeoutMs });
  if (status === 0) return;
  throw environmentError(`${command} did not succeed: ${stderr.trim()}`);
}

const kept = "kept";
const lost = "lost";

/** Writes one synced and one unsynced file, right before the disaster. */
export async function leaveCanaries(folder: string): Promise<void> {
  await using file = await open(join(folder, "canary-synced"), "w", 0o600);
  await file.writeFile(kept);
  await file.sync();
  await using directory = await open(folder, "r");
  await directory.sync();
  await writeFile(join(folder, "canary-unsynced"), lost, { mode: 0o600 });
}

/** Whether the loss was real: the synced file survived, and the unsynced one was lost. */
export async function canariesTell(folder: string): Promise<{ syncedKept: boolean; unsyncedLost: boolean }> {
  const text = async (name: string): Promise<string> => await readFile(join(folder, name), "utf8").catch(() => "");
  return {
    syncedKept: (await text("canary-synced")) === kept,
    unsyncedLost: (await text("canary-unsynced")) !== lost,
  };
}
