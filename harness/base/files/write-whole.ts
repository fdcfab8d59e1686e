// Atomic writes: a file is written under a temporary name in the same folder and synced, then renamed.
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { writing } from "../system-error.ts";

/**
 * Readers of `path` see the old or the new text, even after a kill, a power cut or on a full disk. Only the owner may
 * read it.
 */
export function writeWhole(path: string, text: string, sync: (file: number) => void = fsyncSync): void {
  const unfinished = `${path}.${process.pid}.partial`;
  const synced = (name: string, flags: "w" | "r", work: (file: number) => void): void => {
    const file = openSync(name, flags, 0o600);
    try {
      work(file);
      sync(file);
    } finally {
      closeSync(file);
    }
  };
  writing(path, () => {
    try {
      synced(unfinished, "w", (file) => writeFileSync(file, text));
      renameSync(unfinished, path);
      synced(dirname(path), "r", () => {});
    } catch (error) {
      rmSync(unfinished, { force: true });
      throw error;
    }
  });
}
