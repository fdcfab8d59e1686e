// Turns the failures of a folder or a disk into errors that a user can act on.
import { stat, statfs } from "node:fs/promises";
import { codeOf, errorMessage } from "../../base/errors.ts";
import { formatBytes, formatCount } from "../../base/units.ts";
import { brokenObject, StoreError } from "./store.ts";

export async function explainStoreError(root: string, error: unknown): Promise<unknown> {
  const code = codeOf(error);
  const { path = root, dest = path } = error as NodeJS.ErrnoException & { readonly dest?: string };
  switch (code) {
    case "ENOSPC":
    case "EDQUOT":
      return full(root, code, error, await statfs(root).catch(() => undefined));
    case "EROFS":
    case "EACCES":
    case "EPERM":
      return new StoreError(
        "read-only",
        `the vault ${root} cannot be written or read: ${code}`,
        "Give this user read and write permission on the folder, and check that it is not mounted read-only.",
        error,
      );
    case "EISDIR":
    case "ELOOP":
    case "ENOTEMPTY":
      if (dest === root) return new StoreError("broken", `the vault ${root} is not a folder: ${code}`, aFolder, error);
      return brokenObject(
        root,
        relativeTo(root, dest),
        code === "ELOOP" ? "is a loop of links" : "is a folder, not an object",
      );
    case "ENOTDIR":
    case "EEXIST":
      if (await isFile(root)) return new StoreError("broken", `the vault ${root} is a file`, aFolder, error);
      return brokenObject(root, relativeTo(root, dest), "is not what belongs there: one of its folders is a file");
    case "ENOENT":
      return new StoreError("broken", `the vault ${root} cannot be made: ${errorMessage(error)}`, aFolder, error);
    case "EIO":
      return new StoreError("broken", `the vault ${root} fails: ${errorMessage(error)}`, "Check the disk.", error);
    default:
      return error;
  }
}

export function goneStore(root: string, cause: unknown): StoreError {
  return new StoreError(
    "broken",
    `the vault ${root} is gone: its folder, or the disk with it, was removed or moved while this ran`,
    "Nothing of this run counts as stored. Put the vault back or mount its disk, then run it again.",
    cause,
  );
}

const aFolder = "Give a folder on a disk that this user may write to.";

interface Space {
  readonly bavail: number;
  readonly bsize: number;
  readonly blocks: number;
  readonly ffree: number;
  readonly files: number;
}

/** Files take inodes as well as bytes, and a disk can run out of either. */
export function full(root: string, code: string, cause: unknown, space: Space | undefined): StoreError {
  if (code === "EDQUOT")
    return new StoreError("full", `the vault ${root} is at the quota of this user`, pruneHint, cause);
  if (space !== undefined && space.files > 0 && space.ffree === 0)
    return new StoreError(
      "full",
      `the vault ${root} cannot hold another file: all ${formatCount(space.files)} inodes of its disk are in use`,
      "Remove files there, or prune old backups: each part of a backup is one file.",
      cause,
    );
  const figures =
    space === undefined
      ? ""
      : `: ${formatBytes(space.bavail * space.bsize)} of ${formatBytes(space.blocks * space.bsize)} are free`;
  return new StoreError("full", `the vault ${root} is full${figures}`, pruneHint, cause);
}

const pruneHint = "Free space there or prune old backups.";

async function isFile(path: string): Promise<boolean> {
  return await stat(path).then(
    (entry) => entry.isFile(),
    () => false,
  );
}

function relativeTo(root: string, path: string): string {
  return path.startsWith(`${root}/`) ? path.slice(root.length + 1) : path;
}
