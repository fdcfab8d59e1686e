// The operations by which the vault changes files, behind one seam, so that a fault can record, lose or fail each of
// them (harness/fault/power-cut). Reads are not among them: a fault changes what is on the disk, and not how it is read.
import { mkdirSync } from "node:fs";
import { type FileHandle, link, open, rename, rmdir, unlink } from "node:fs/promises";

export interface FileOperations {
  /** Makes one folder, and throws where it exists or its parent does not. */
  mkdir(path: string, mode: number): void;
  /** Makes an empty file of mode 0600, and throws where one exists. */
  openNew(path: string): Promise<NewFile>;
  rename(from: string, to: string): Promise<void>;
  /** Unlike a rename, it fails where the name is taken. */
  link(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
  rmdir(path: string): Promise<void>;
  syncFolder(path: string): Promise<void>;
}

export type NewFile = Pick<FileHandle, "writeFile" | "datasync" | "close">;

export const nodeFiles: FileOperations = {
  mkdir: (path, mode) => mkdirSync(path, { mode }),
  openNew: (path) => open(path, "wx", 0o600),
  rename,
  link,
  unlink,
  rmdir,
  syncFolder: async (path) => {
    const handle = await open(path, "r");
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
};
