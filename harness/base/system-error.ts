// Errors of the operating system about files, as sentences for the user: which path, what is wrong with it, what to do.
// A full disk or a read-only folder is not a defect of this program, and gets no stack trace.
import { existsSync, statfsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { DrillError, errorOf, usageError } from "./errors.ts";
import { formatBytes } from "./units.ts";

const makeRoom = "Make room there, or choose another folder.";

/** Errors of the machine's current state, each with what to do. */
const environmentWords: Readonly<Record<string, readonly [what: string, next: string]>> = {
  ENOSPC: ["no space is left on the device", makeRoom],
  EDQUOT: ["the disk quota is used up", makeRoom],
  EROFS: ["the file system is read-only", "Make it writable, or choose another folder."],
  EIO: ["the device reports an input/output error", "Look at the disk, or choose another folder."],
  EMFILE: ["this process has too many open files", "Raise the limit: ulimit -n."],
  ENFILE: ["the machine has too many open files", "End other programs, or raise its limit (fs.file-max)."],
  EAGAIN: ["no more processes or threads may be started", "End other programs, or raise the limit: ulimit -u."],
  ENOMEM: ["no memory is left", "End other programs, or raise the limit of this process."],
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

/** What failed, for errors of Node's own that name no call of the system. */
const withoutSyscall: Readonly<Record<string, string>> = {
  ERR_WORKER_INIT_FAILED: "starting a thread",
  ERR_INVALID_PACKAGE_CONFIG: "loading a module",
};

/** Converts a file system error to one for the user, else undefined. `path` is used where the error names none. */
export function explainSystemError(error: unknown, path?: string): DrillError | undefined {
  if (!(error instanceof Error) || error instanceof DrillError) return undefined;
  const { path: named, syscall } = error as NodeJS.ErrnoException;
  const code = errnoOf(error);
  const place = named ?? path;
  const environment = environmentWords[code];
  if (environment !== undefined) {
    const [what, next] = environment;
    const failed = (): string =>
      syscall ?? withoutSyscall[(error as NodeJS.ErrnoException).code ?? ""] ?? "a request to the system";
    const where = place === undefined ? `${failed()} failed` : `${resolve(place)} cannot be used`;
    return machineError(`${where}: ${what}${next === makeRoom ? spaceAt(place) : ""}`, next, error);
  }
  const usage = usageWords[code];
  if (usage === undefined || place === undefined) return undefined;
  return usageError(`${resolve(place)} cannot be used: ${usage}`, "Give another path, or change what is there.");
}

/** Node has codes of its own for a thread that cannot start, and for a module that it cannot open; the cause is in the text. */
function errnoOf(error: Error): string {
  const { code = "" } = error as NodeJS.ErrnoException;
  if (code === "ERR_WORKER_INIT_FAILED") return /E[A-Z]+$/.exec(error.message)?.[0] ?? code;
  return code === "ERR_INVALID_PACKAGE_CONFIG" && error.message.includes("too many open files") ? "EMFILE" : code;
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

/** Nothing can be written to a folder that is not there; `path` is the file that should be in it. */
export function missingFolder(path: string, cause?: unknown): DrillError {
  return machineError(
    `${dirname(resolve(path))} is not there, and a file has to be written in it`,
    "Make that folder, or choose another one. If it was there, it was removed or moved meanwhile.",
    cause,
  );
}

/** Runs `write`; its file system errors name `path`, even where it writes to a descriptor. */
export function writing<T>(path: string, write: () => T): T {
  try {
    return write();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") throw missingFolder(path, error);
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
