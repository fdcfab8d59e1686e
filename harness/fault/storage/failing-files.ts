// A disk that fails at one operation of a vault, or at all from there on: no space, an I/O error, read-only, no
// permission, or a write that ends in the middle.
import { existsSync } from "node:fs";
import type { FileOperations, NewFile } from "../../vault/store/file-operations.ts";
import { isTemporary } from "../../vault/store/write-durably.ts";

type Operation = "mkdir" | "open" | "write" | "fdatasync" | "rename" | "link" | "unlink" | "rmdir" | "fsync";

/** Needs space on the disk: a data block, or an entry in a folder. */
const growing: readonly Operation[] = ["mkdir", "open", "write", "fdatasync", "rename", "link"];
/** Changes the entries of a folder. */
const naming: readonly Operation[] = ["mkdir", "open", "rename", "link", "unlink", "rmdir"];
const all: readonly Operation[] = [...growing, "unlink", "rmdir", "fsync"];

export type StorageKind = "ENOSPC" | "short-write" | "EIO" | "EROFS" | "EACCES";

interface Failure {
  readonly fails: readonly Operation[];
  readonly text: string;
}

/** The operations that fail, by kind of fault. */
export const storageKinds: Readonly<Record<StorageKind, Failure>> = {
  ENOSPC: { fails: growing, text: "no space left on device" },
  "short-write": { fails: ["write"], text: "no space left on device" },
  EIO: { fails: all, text: "i/o error" },
  EROFS: { fails: all.filter((operation) => operation !== "fsync"), text: "read-only file system" },
  EACCES: { fails: naming, text: "permission denied" },
};

export interface StorageFault {
  readonly kind: StorageKind;
  /** Number of the operation that fails, from 1, counting those that this kind can meet. */
  readonly at: number;
  /** Whether all that follow fail as well, until the disk is repaired. */
  readonly lasts: boolean;
}

export interface FailingFiles {
  readonly files: FileOperations;
  /** The operation that failed first; undefined while none has. */
  readonly fired: () => { readonly operation: Operation; readonly path: string } | undefined;
  /** Number of operations so far that this kind can meet. */
  readonly met: () => number;
}

export function failingFiles(disk: FileOperations, { kind, at, lasts }: StorageFault): FailingFiles {
  const { fails } = storageKinds[kind];
  const code = kind === "short-write" ? "ENOSPC" : kind;
  // A full disk has room for a lock; without one, whoever wants it waits for minutes.
  const isSpared = (path: string): boolean => lasts && code === "ENOSPC" && path.includes("/locks");
  let met = 0;
  let isRoom = false;
  let first: { readonly operation: Operation; readonly path: string } | undefined;
  const failure = (operation: Operation, path: string): Error | undefined => {
    if (!fails.includes(operation) || isSpared(path)) return undefined;
    met += 1;
    if (met < at || (met > at && (!lasts || isRoom))) return undefined;
    first ??= { operation, path };
    const message = `${code}: ${storageKinds[kind].text}, ${operation} '${path}'`;
    return Object.assign(new Error(message), { code, syscall: operation, path });
  };
  const must = (operation: Operation, path: string): void => {
    const error = failure(operation, path);
    if (error !== undefined) throw error;
  };
  const openNew = async (path: string): Promise<NewFile> => {
    must("open", path);
    const file = await disk.openNew(path);
    return {
      writeFile: async (data) => {
        const error = failure("write", path);
        const bytes = Buffer.from(data as Uint8Array);
        if (error === undefined) return await file.writeFile(bytes);
        if (kind === "short-write") await file.writeFile(bytes.subarray(0, bytes.length / 2));
        throw error;
      },
      datasync: async () => {
        must("fdatasync", path);
        await file.datasync();
      },
      close: () => file.close(),
    };
  };
  const path =
    (operation: Operation, work: (path: string) => Promise<void>) =>
    async (of: string): Promise<void> => {
      must(operation, of);
      await work(of);
    };
  const named =
    (operation: Operation, work: (from: string, to: string) => Promise<void>) =>
    async (from: string, to: string): Promise<void> => {
      must(operation, from);
      await work(from, to);
    };
  return {
    fired: () => first,
    met: () => met,
    files: {
      mkdir: (of, mode) => {
        // Of a folder that is there the system says so, whatever else is wrong with the disk.
        if (!existsSync(of)) must("mkdir", of);
        disk.mkdir(of, mode);
      },
      openNew,
      rename: named("rename", (from, to) => disk.rename(from, to)),
      link: named("link", (from, to) => disk.link(from, to)),
      unlink: async (of) => {
        must("unlink", of);
        await disk.unlink(of);
        // A removed object leaves room; what was just begun took all there was.
        isRoom ||= code === "ENOSPC" && first !== undefined && !isTemporary(of);
      },
      rmdir: path("rmdir", (of) => disk.rmdir(of)),
      syncFolder: path("fsync", (of) => disk.syncFolder(of)),
    },
  };
}
