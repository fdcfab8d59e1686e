// Records every change that a vault makes to its files, in the order in which the operating system completed them, with
// the bytes, so that the disk can be computed as a power cut at any moment may leave it.
import { relative } from "node:path";
import { type FileOperations, nodeFiles } from "../../vault/store/file-operations.ts";

/** Paths are relative to the recorded folder; files are numbered, as their names change. */
export type FileOperation =
  | { readonly kind: "mkdir" | "rmdir" | "unlink"; readonly path: string }
  | { readonly kind: "create"; readonly path: string; readonly file: number }
  | { readonly kind: "write"; readonly file: number; readonly bytes: Buffer }
  | { readonly kind: "sync-file"; readonly file: number }
  | { readonly kind: "rename" | "link"; readonly from: string; readonly to: string }
  /** `covers`: the number of operations that had ended when it began; it makes no later one durable. */
  | { readonly kind: "sync-folder"; readonly path: string; readonly covers: number }
  /** A command of the vault returned to its caller: from here on its effect must survive. */
  | { readonly kind: "returned" };

export interface OperationLog {
  readonly operations: readonly FileOperation[];
  /** To be given to the vault. */
  readonly files: FileOperations;
  /** Notes that a command returned to its caller. */
  returned(): void;
}

/** Tests write kilobytes; a log in memory is not for more. */
const logBytesMax = 256 * 2 ** 20;

export function recordOperations(root: string, disk: FileOperations = nodeFiles): OperationLog {
  const operations: FileOperation[] = [];
  let files = 0;
  let bytesHeld = 0;
  const inside = (path: string): string => {
    const found = relative(root, path);
    if (found.startsWith("..")) throw new Error(`${path} is changed, and only ${root} is recorded`);
    return found;
  };
  return {
    operations,
    returned: () => void operations.push({ kind: "returned" }),
    files: {
      mkdir: (path, mode) => {
        disk.mkdir(path, mode);
        operations.push({ kind: "mkdir", path: inside(path) });
      },
      openNew: async (path) => {
        const handle = await disk.openNew(path);
        const file = files++;
        operations.push({ kind: "create", path: inside(path), file });
        return {
          writeFile: async (data) => {
            const bytes = Buffer.from(data as Uint8Array);
            bytesHeld += bytes.length;
            if (bytesHeld > logBytesMax) throw new Error(`more than ${logBytesMax} bytes were written to ${root}`);
            await handle.writeFile(bytes);
            operations.push({ kind: "write", file, bytes });
          },
          datasync: async () => {
            await handle.datasync();
            operations.push({ kind: "sync-file", file });
          },
          close: () => handle.close(),
        };
      },
      rename: async (from, to) => {
        await disk.rename(from, to);
        operations.push({ kind: "rename", from: inside(from), to: inside(to) });
      },
      link: async (from, to) => {
        await disk.link(from, to);
        operations.push({ kind: "link", from: inside(from), to: inside(to) });
      },
      unlink: async (path) => {
        await disk.unlink(path);
        operations.push({ kind: "unlink", path: inside(path) });
      },
      rmdir: async (path) => {
        await disk.rmdir(path);
        operations.push({ kind: "rmdir", path: inside(path) });
      },
      syncFolder: async (path) => {
        const covers = operations.length;
        await disk.syncFolder(path);
        // What is above the recorded folder was there before.
        if (!relative(root, path).startsWith(".."))
          operations.push({ kind: "sync-folder", path: inside(path), covers });
      },
    },
  };
}
