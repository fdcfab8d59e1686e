// Files that are there whole or not at all: written under another name beside their place, then renamed.
import { renameSync, rmSync, writeFileSync } from "node:fs";
import { writing } from "../system-error.ts";

/** Whoever reads `path` sees the old text or the new one, also after a kill or on a full disk. Only the owner may read. */
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
