// `mkdir -p` for a store: it keeps the system's error codes, returns where it began, and always ends. Node's own
// recursive mkdir retries forever where a file system answers "no such file" although the parent exists, as /proc does.
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";

const folderMode = 0o700;

/** Creates the folder and its missing parents; returns the topmost folder that it created, if any. */
export function makeStoreFolder(path: string, mode: number = folderMode): string | undefined {
  try {
    mkdirSync(path, { mode });
    return path;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") return undefined;
    if (code !== "ENOENT" || dirname(path) === path) throw error;
  }
  const made = makeStoreFolder(dirname(path), mode);
  // A folder created meanwhile by another process is fine; "no such file" now, below a folder that exists, is final.
  try {
    mkdirSync(path, { mode });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  return made ?? path;
}
