// Atomic writes: a file is written under a temporary name in the same folder and synced, then renamed.
import { randomBytes } from "node:crypto";
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { writing } from "../system-error.ts";

/**
 * Readers of `path` see the old or the new text, even after a kill, a power cut or on a full disk. Only the owner may
 * read it, by default. Nothing is written through a link: one at `path` is replaced, and nobody can guess the temporary
 * name.
 */
export function writeWhole(
  path: string,
  text: string,
  { mode = 0o600, sync = fsyncSync }: { readonly mode?: number; readonly sync?: (file: number) => void } = {},
): void {
  const unfinished = `${path}.${randomBytes(6).toString("hex")}.partial`;
  const synced = (name: string, flags: "wx" | "r", work: (file: number) => void): void => {
    const file = openSync(name, flags, mode);
    try {
      work(file);
      sync(file);
    } finally {
      closeSync(file);
    }
  };
  writing(path, () => {
    try {
      synced(unfinished, "wx", (file) => writeFileSync(file, text));
      renameSync(unfinished, path);
      synced(dirname(path), "r", () => {});
    } catch (error) {
      rmSync(unfinished, { force: true });
      throw error;
    }
  });
}
