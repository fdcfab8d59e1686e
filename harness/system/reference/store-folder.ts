// A store in a folder. An object is written under a temporary name, synced, renamed, and its folder synced, so that
// after a power cut it is there whole or not there at all. Files are 0600 and folders 0700: they hold a database.
import { constants } from "node:fs";
import { type FileHandle, link, mkdir, open, readdir, readFile, rename, rm, rmdir, stat } from "node:fs/promises";
import { randomBytes } from "node:crypto";
import { dirname, join, posix } from "node:path";
import { type Store, StoreError, type StoredObject, type UnfinishedObject } from "./store.ts";

const temporarySuffix = ".tmp";
const openAttemptsMax = 50;

export function folderStore(root: string): Store {
  const fail = (error: unknown): never => {
    throw explain(root, error);
  };
  return {
    where: root,
    put: (path, bytes) => write(root, path, bytes, rename).catch(fail),
    putIfAbsent: async (path, bytes) => {
      try {
        // A hard link fails where the name is taken, which a rename does not.
        await write(root, path, bytes, link);
        return true;
      } catch (error) {
        return codeOf(error) === "EEXIST" ? false : fail(error);
      }
    },
    get: async (path) => {
      try {
        return await readFile(join(root, path));
      } catch (error) {
        return codeOf(error) === "ENOENT" ? undefined : fail(error);
      }
    },
    list: async (prefix) => {
      const folder = prefix.slice(0, prefix.lastIndexOf("/") + 1);
      const found = await walk(root, folder).catch<StoredObject[]>(fail);
      return found
        .filter(({ path }) => path.startsWith(prefix) && !path.endsWith(temporarySuffix))
        .sort((a, b) => (a.path < b.path ? -1 : 1));
    },
    delete: async (path) => {
      await rm(join(root, path), { force: true }).catch(fail);
      await syncFolder(await removeEmptyFolders(root, dirname(path)))
        .catch(unlessGone)
        .catch(fail);
    },
    listUnfinished: async () => {
      const left = (await walk(root, "").catch<StoredObject[]>(fail)).filter(({ path }) =>
        path.endsWith(temporarySuffix),
      );
      return left.length === 0 ? [] : await withAges(root, left).catch(fail);
    },
  };
}

async function write(
  root: string,
  path: string,
  bytes: Uint8Array,
  publish: (from: string, to: string) => Promise<void>,
): Promise<void> {
  const target = join(root, path);
  const folder = dirname(target);
  const temporary = `${target}.${randomBytes(6).toString("hex")}${temporarySuffix}`;
  const { file, made } = await openIn(folder, temporary);
  try {
    try {
      await file.writeFile(bytes);
      await file.datasync();
    } finally {
      await file.close();
    }
    await publish(temporary, target);
    if (publish === link) await rm(temporary);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw error;
  }
  await syncFolder(folder);
  if (made !== undefined) await syncFolder(dirname(folder));
}

/** Somebody else may remove the folder as an empty one before there is a file in it. */
async function openIn(
  folder: string,
  file: string,
): Promise<{ readonly file: FileHandle; readonly made: string | undefined }> {
  for (let attempt = 1; ; attempt++) {
    try {
      const made = await mkdir(folder, { recursive: true, mode: 0o700 });
      return { file: await open(file, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600), made };
    } catch (error) {
      if (codeOf(error) !== "ENOENT" || attempt === openAttemptsMax) throw error;
    }
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function walk(root: string, folder: string): Promise<StoredObject[]> {
  let entries;
  try {
    entries = await readdir(join(root, folder), { withFileTypes: true });
  } catch (error) {
    if (codeOf(error) === "ENOENT") return [];
    throw error;
  }
  const found: StoredObject[] = [];
  for (const entry of entries) {
    const path = posix.join(folder, entry.name);
    if (entry.isDirectory()) found.push(...(await walk(root, path)));
    else {
      // What somebody removes meanwhile is not there.
      const file = await stat(join(root, path)).catch(unlessGone);
      if (file !== undefined) found.push({ path, sizeBytes: file.size });
    }
  }
  return found;
}

/** The age is told by the clock that also dated the file: that of a file server may be another than ours. */
async function withAges(root: string, left: readonly StoredObject[]): Promise<UnfinishedObject[]> {
  const probe = join(root, `${randomBytes(6).toString("hex")}${temporarySuffix}`);
  await (await open(probe, "wx", 0o600)).close();
  try {
    const nowMs = (await stat(probe)).mtimeMs;
    const aged = await Promise.all(
      left.map(async (object) => {
        const file = await stat(join(root, object.path)).catch(unlessGone);
        return file === undefined ? [] : [{ ...object, ageMs: nowMs - file.mtimeMs }];
      }),
    );
    return aged.flat();
  } finally {
    await rm(probe, { force: true });
  }
}

/** Folders are not objects, so an empty one is removed with its last object. Gives the first one that stays. */
async function removeEmptyFolders(root: string, folder: string): Promise<string> {
  if (folder === "." || folder === "") return root;
  try {
    await rmdir(join(root, folder));
  } catch {
    return join(root, folder);
  }
  return removeEmptyFolders(root, dirname(folder));
}

function unlessGone(error: unknown): undefined {
  if (codeOf(error) !== "ENOENT") throw error;
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error ? String(error.code) : undefined;
}

/** The ways in which a disk fails, as a user can act on them. */
export function explain(root: string, error: unknown): unknown {
  switch (codeOf(error)) {
    case "ENOSPC":
    case "EDQUOT":
      return new StoreError("full", `the vault ${root} is full`, "Free space there or prune old backups.", error);
    case "EROFS":
    case "EACCES":
    case "EPERM":
      return new StoreError(
        "read-only",
        `the vault ${root} cannot be written or read: ${String(codeOf(error))}`,
        "Give this user read and write permission on the folder, and check that it is not mounted read-only.",
        error,
      );
    case "EIO":
    case "ENOTDIR":
    case "EEXIST":
      return new StoreError("broken", `the vault ${root} fails: ${String(error)}`, "Check the disk.", error);
    default:
      return error;
  }
}
