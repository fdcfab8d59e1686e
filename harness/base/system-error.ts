// Errors of the operating system about files, as sentences for the user: which path, what is wrong with it, what to do.
// A full disk or a read-only folder is not a defect of this program, and gets no stack trace.
import { existsSync, statfsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { DrillError, errorOf, usageError } from "./errors.ts";
import { formatBytes } from "./units.ts";

/** Errors of the machine's current state. */
const environmentWords: Readonly<Record<string, string>> = {
  ENOSPC: "no space is left on the device",
  EDQUOT: "the disk quota is used up",
  EROFS: "the file system is read-only",
  EIO: "the device reports an input/output error",
  EMFILE: "this process has too many open files",
  ENFILE: "the machine has too many open files",
};

/** Errors that another path or other permissions solve. */
const usageWords: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EPERM: "the operation is not permitted",
  ENOTDIR: "a part of this path is a file, not a folder",
  EISDIR: "it is a folder, not a file",
  EEXIST: "it exists already",
  ELOOP: "it is a symbolic link where none may be, or its links form a loop",
  ENAMETOOLONG: "the name is too long",
};

/** Converts a file system error to one for the user, else undefined. `path` is used where the error names none. */
export function explainSystemError(error: unknown, path?: string): DrillError | undefined {
  if (!(error instanceof Error) || error instanceof DrillError) return undefined;
  const { code = "", path: named, syscall = "" } = error as NodeJS.ErrnoException;
  const place = named ?? path;
  const environment = environmentWords[code];
  if (environment !== undefined) {
    const where = place === undefined ? `${syscall} failed` : `${resolve(place)} cannot be used`;
    const isFull = code === "ENOSPC" || code === "EDQUOT";
    return machineError(
      `${where}: ${environment}${isFull ? spaceAt(place) : ""}`,
      isFull ? "Make room there, or choose another folder." : undefined,
      error,
    );
  }
  const usage = usageWords[code];
  if (usage === undefined || place === undefined) return undefined;
  return usageError(`${resolve(place)} cannot be used: ${usage}`, "Give another path, or change what is there.");
}

/** An error that is known to be the machine's, even if it can still run an engine. */
export function machineError(message: string, hint?: string, cause?: unknown): DrillError {
  return new DrillError(message, {
    exit: "environment",
    code: "environment",
    cause,
    ...(hint === undefined ? {} : { hint }),
  });
}

/** Runs `write`; its file system errors name `path`, even where it writes to a descriptor. */
export function writing<T>(path: string, write: () => T): T {
  try {
    return write();
  } catch (error) {
    throw explainSystemError(error, path) ?? errorOf(error);
  }
}

/** Free space of the file system of `path`, as the end of a sentence. */
export function spaceAt(path: string | undefined): string {
  if (path === undefined) return "";
  let folder = resolve(path);
  while (!existsSync(folder) && folder !== dirname(folder)) folder = dirname(folder);
  try {
    const { bavail, bsize, blocks, ffree, files } = statfsSync(folder);
    if (files > 0 && ffree === 0) return ` (no inode is free, of ${files})`;
    return ` (${formatBytes(bavail * bsize)} free of ${formatBytes(blocks * bsize)})`;
  } catch {
    return "";
  }
}
