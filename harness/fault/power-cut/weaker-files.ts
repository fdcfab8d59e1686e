// File operations with a fault: what a vault must never be written with, to show that a power cut finds it.
import type { FileOperations, NewFile } from "../../vault/store/file-operations.ts";

export type FileLayer = (disk: FileOperations) => FileOperations;

/** Nothing is ever synced: after a power cut everything since the last write-back of the system may be lost. */
export const withoutSync: FileLayer = (disk) => ({
  ...disk,
  openNew: async (path) => {
    const file = await disk.openNew(path);
    return { writeFile: (data) => file.writeFile(data), close: () => file.close(), datasync: () => Promise.resolve() };
  },
  syncFolder: () => Promise.resolve(),
});

/** Data is synced, and names are not: an object that was reported as stored may not be there. */
export const withoutFolderSync: FileLayer = (disk) => ({ ...disk, syncFolder: () => Promise.resolve() });

/** A file gets its name first and is synced then: for a moment the name leads to data that may be lost. */
export const syncedAfterRename: FileLayer = (disk) => {
  const open = new Map<string, NewFile>();
  const ended = async (from: string, named: Promise<void>): Promise<void> => {
    await named;
    const file = open.get(from);
    open.delete(from);
    await file?.datasync();
    await file?.close();
  };
  return {
    ...disk,
    openNew: async (path) => {
      const file = await disk.openNew(path);
      open.set(path, file);
      return {
        writeFile: (data) => file.writeFile(data),
        datasync: () => Promise.resolve(),
        close: () => Promise.resolve(),
      };
    },
    rename: (from, to) => ended(from, disk.rename(from, to)),
    link: (from, to) => ended(from, disk.link(from, to)),
    unlink: async (path) => {
      await open.get(path)?.close();
      open.delete(path);
      await disk.unlink(path);
    },
  };
};
