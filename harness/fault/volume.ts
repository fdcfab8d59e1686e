// A file system of its own for an engine's files: ext4 in an image file, mounted through a loop device. Two things can
// then be done to it that a plain folder does not allow: lose what only the page cache holds, and lose the whole disk.
//
// `losePower` is how the loss of a machine is simulated: the file system is shut down by the ioctl that file systems are
// tested with (FS_IOC_SHUTDOWN, without a flush of its log). From that instant nothing that the page cache holds reaches
// the image; mounted again, with its journal replayed, the image holds what a disk would hold. Two limits: the disk is
// believed to keep what it acknowledged, and what the kernel writes back between the kill and the shutdown, in which the
// files are copied as the page cache has them, counts as kept.
import { chmod, cp, mkdir, open, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { environmentError } from "../base/errors.ts";
import { type PrivateFolder, privateFolder, reaper, type Registration } from "../base/process/reaper.ts";
import { runCommand } from "../base/process/run-command.ts";

const commandTimeoutMs = 30_000;

/** FS_IOC_SHUTDOWN, _IOR('X', 125, __u32), with FS_SHUTDOWN_FLAGS_NOLOGFLUSH; Node has no ioctl, and perl is everywhere. */
const shutDownFileSystem = `open(my $folder, "<", $ARGV[0]) or die "$!\\n";
my $flags = pack("L", 2);
ioctl($folder, 0x8004587d, $flags) or die "cannot shut the file system down: $!\\n";`;

export interface Volume extends AsyncDisposable {
  /** Where it is mounted; for this user only. */
  readonly path: string;
  /** Copies the files as processes see them, page cache included, to a folder that the caller disposes of. */
  copyFiles(): Promise<PrivateFolder>;
  /** The machine loses its memory at this moment: what was not synced is gone. Nothing may hold a file open. */
  losePower(): Promise<void>;
}

/** Undefined where volumes can be had, and can `losePower`, else one sentence that says why not. */
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

/** An empty volume. The image is sparse: it takes what is written to it. */
export async function createVolume(bytes: number): Promise<Volume> {
  await using resources = new AsyncDisposableStack();
  const folder = resources.use(await privateFolder("volume"));
  const image = join(folder.path, "disk.img");
  await using file = await open(image, "wx", 0o600);
  await file.truncate(bytes);
  await mustRun("mkfs.ext4", "-q", "-F", "-m", "0", image);
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
      // Lazy: a file that somebody still holds open must not keep the whole volume.
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

/** Leaves one file that is synced and one that is not, right before the disaster. */
export async function leaveCanaries(folder: string): Promise<void> {
  await using file = await open(join(folder, "canary-synced"), "w", 0o600);
  await file.writeFile(kept);
  await file.sync();
  await using directory = await open(folder, "r");
  await directory.sync();
  await writeFile(join(folder, "canary-unsynced"), lost, { mode: 0o600 });
}

/** Whether the loss was real: what was synced is there, and what was not is gone. */
export async function canariesTell(folder: string): Promise<{ syncedKept: boolean; unsyncedLost: boolean }> {
  const text = async (name: string): Promise<string> => await readFile(join(folder, name), "utf8").catch(() => "");
  return {
    syncedKept: (await text("canary-synced")) === kept,
    unsyncedLost: (await text("canary-unsynced")) !== lost,
  };
}
