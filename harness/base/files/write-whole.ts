// Atomic writes: a file is written under a temporary name in the same folder, then renamed.
import { renameSync, rmSync, writeFileSync } from "node:fs";
import { writing } from "../system-error.ts";

/** Readers of `path` see the old or the new text, even after a kill or on a full disk. Only the owner may read it. */
export function writeWhole(path: string, text: string): void {
  const unfinished = `${path}.${process.pid}.partial`;
  writing(path, () => {
    try {
      writeFileSync(unfinished, text, { mode: 0o600 });
      renameSync(unfinished, path);
    } catch (error) {
      rmSync(unfinished, { force: true });
      throw error;
    }
  });
}
