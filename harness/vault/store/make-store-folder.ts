// `mkdir -p` for a store: it keeps the system's error codes, returns where it began, and always ends. Node's own
// recursive mkdir retries forever where a file system answers "no such file" although the parent exists, as /proc does.
import { dirname } from "node:path";
import { type FileOperations, nodeFiles } from "./file-operations.ts";

const folderMode = 0o700;

/** Creates the folder and its missing parents; returns the topmost folder that it created, if any. */
export function makeStoreFolder(path: string, files: FileOperations = nodeFiles): string | undefined {
  try {
    files.mkdir(path, folderMode);
    return path;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") return undefined;
    if (code !== "ENOENT" || dirname(path) === path) throw error;
  }
  const made = makeStoreFolder(dirname(path), files);
  // A folder created meanwhile by another process is fine; "no such file" now, below a folder that exists, is final.
  try {
    files.mkdir(path, folderMode);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  return made ?? path;
}
