// A store in a folder. An object is written under a temporary name, synced, renamed, and its folder synced, so that
// after a power cut it is there completely or not at all. Files are 0600 and folders 0700: they hold a database.
import { constants } from "node:fs";
import { open, readdir, realpath, stat } from "node:fs/promises";
import { dirname, join, posix } from "node:path";
import { passPoint } from "../../base/process/crash-point.ts";
import { codeOf } from "../../base/errors.ts";
import { type FileOperations, nodeFiles } from "./file-operations.ts";
import { brokenObject, type Store, documentBytesMax, type StoredObject, type UnfinishedObject } from "./store.ts";
import { explainStoreError, goneStore } from "./store-folder-errors.ts";
import { isTemporary, temporaryOf, writeDurably } from "./write-durably.ts";

/** `marker` is an object that is there for as long as the store is: nothing is written where it is not. */
export function folderStore(root: string, files: FileOperations = nodeFiles, marker?: string): Store {
  const disk = { files, anchored: new Set<string>() };
  const write = async (path: string, bytes: Uint8Array, publish: "rename" | "link"): Promise<void> => {
    // A folder made anew, or what is below a disk that is not mounted any more, is not the store.
    if (marker !== undefined) await stat(join(root, marker)).catch(isGone);
    await writeDurably(disk, join(root, path), bytes, publish);
    if (marker !== undefined) await stat(join(root, marker)).catch(isGone);
  };
  const isGone = (error: unknown): never => {
    throw codeOf(error) === "ENOENT" ? goneStore(root, error) : error;
  };
  const fail = async (error: unknown): Promise<never> => {
    throw await explainStoreError(root, error);
  };
  return {
    where: root,
    put: (path, bytes) => write(path, bytes, "rename").catch(fail),
    putIfAbsent: async (path, bytes) => {
      try {
        await write(path, bytes, "link");
        return true;
      } catch (error) {
        return codeOf(error) === "EEXIST" ? false : await fail(error);
      }
    },
    get: async (path, bytesMax = documentBytesMax) => {
      try {
        return await read(root, path, bytesMax);
      } catch (error) {
        return codeOf(error) === "ENOENT" ? undefined : await fail(error);
      }
    },
    list: async (prefix) => {
      const folder = prefix.slice(0, prefix.lastIndexOf("/") + 1);
      const found = await walk(root, folder).catch<StoredObject[]>(fail);
      return found
        .filter(({ path }) => path.startsWith(prefix) && !isTemporary(path))
        .sort((a, b) => (a.path < b.path ? -1 : 1));
    },
    delete: async (path) => {
      await files.unlink(join(root, path)).catch(unlessGone).catch(fail);
      passPoint("store/deleted");
      await files
        .syncFolder(await removeEmptyFolders(files, root, dirname(path)))
        .catch(unlessGone)
        .catch(fail);
    },
    sync: (folder) => files.syncFolder(join(root, folder)).catch(unlessGone).catch(fail),
    listUnfinished: async () => {
      const left = (await walk(root, "").catch<StoredObject[]>(fail)).filter(({ path }) => isTemporary(path));
      return left.length === 0 ? [] : await withAges(files, root, left).catch(fail);
    },
  };
}

/**
 * Reads only a regular file, and only up to a size: a named pipe would never end, and a file of gigabytes would not
 * fit.
 */
async function read(root: string, path: string, bytesMax: number): Promise<Buffer> {
  const file = await open(join(root, path), constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const entry = await file.stat();
    if (!entry.isFile()) throw brokenObject(root, path, "is not a file");
    if (entry.size > bytesMax)
      throw brokenObject(root, path, `has ${entry.size} bytes, and at most ${bytesMax} belong there`);
    return await file.readFile();
  } finally {
    await file.close();
  }
}

/**
 * Follows links to folders, as left by users who move a backup to another disk, but not a link to one of its own
 * parents.
 */
async function walk(root: string, folder: string, above: readonly string[] = []): Promise<StoredObject[]> {
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
    // One by one: a call takes some hundred thousand arguments at most, and a folder may hold more.
    if (entry.isDirectory()) for (const object of await walk(root, path, above)) found.push(object);
    else {
      // What is removed meanwhile does not exist, nor does the target of a broken link.
      const file = await stat(join(root, path)).catch(unlessGone);
      if (file?.isFile() === true) found.push({ path, sizeBytes: file.size, tag: `${file.ino}-${file.ctimeMs}` });
      else if (file?.isDirectory() === true) for (const object of await walkLink(root, path, above)) found.push(object);
    }
  }
  return found;
}

async function walkLink(root: string, link: string, above: readonly string[]): Promise<StoredObject[]> {
  const to = await realpath(join(root, link));
  const paths = [...above, await realpath(root), await realpath(dirname(join(root, link)))];
  const leadsBack = paths.some((path) => path === to || path.startsWith(`${to}/`));
  if (leadsBack) return [];
  const found = await walk(root, link, [...above, to]);
  return found.map((object) => Object.assign(object, { isLinked: true as const }));
}

/** The age is measured by the clock that also dated the file: a file server's clock may differ from ours. */
async function withAges(
  files: FileOperations,
  root: string,
  left: readonly StoredObject[],
): Promise<UnfinishedObject[]> {
  const probe = temporaryOf(join(root, "clock"));
  await (await files.openNew(probe)).close();
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
    await files.unlink(probe).catch(unlessGone);
  }
}

/** Folders are not objects, so an empty one is removed with its last object. Returns the first one that stays. */
async function removeEmptyFolders(files: FileOperations, root: string, folder: string): Promise<string> {
  if (folder === "." || folder === "") return root;
  try {
    await files.rmdir(join(root, folder));
  } catch {
    return join(root, folder);
  }
  return removeEmptyFolders(files, root, dirname(folder));
}

function unlessGone(error: unknown): undefined {
  const code = codeOf(error);
  if (code !== "ENOENT" && code !== "ELOOP") throw error;
}
