// Folders for this user only.
import { mkdirSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { usageError } from "../errors.ts";
import { writing } from "../system-error.ts";

/** Makes the folder and its parents. Not `recursive`, which never ends where no folders can be made (/proc). */
export function makeFolder(path: string): void {
  const folder = resolve(path);
  const info = writing(folder, () => statSync(folder, { throwIfNoEntry: false }));
  if (info?.isDirectory() === true) return;
  if (info !== undefined) throw usageError(`${folder} is a file, and a folder is needed there`, "Give another path.");
  makeFolder(dirname(folder));
  writing(folder, () => {
    try {
      mkdirSync(folder, { mode: 0o700 });
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "ENOENT") throw usageError(`no folder can be made at ${folder}`, "Give another path.");
      // Another process was faster.
      if (code !== "EEXIST") throw error;
    }
  });
}
