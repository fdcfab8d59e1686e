// `mkdir -p` for a store: it keeps the codes of the system, says where it began, and ends everywhere. Node's own recursive
// mkdir tries again for ever where a file system answers "no such file" although the parent exists, as /proc does.
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";

const folderMode = 0o700;

/** Makes the folder and what is missing above it; gives the topmost folder that it made, if any. */
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
  // Whoever made it meanwhile made it for us too; "no such file" now, below a folder that exists, is final.
  try {
    mkdirSync(path, { mode });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  return made ?? path;
}
