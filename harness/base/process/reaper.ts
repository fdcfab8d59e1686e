// Nothing that a harness creates may outlive it, not even after kill -9. So each harness process starts one tiny shell
// process, in a session of its own, and registers every process, folder and container with it; when the pipe to it
// closes, the shell removes what is still registered.
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, isAbsolute, join } from "node:path";
import type { Writable } from "node:stream";
import { startTimeOf } from "../proc-stat.ts";
import { helperEnvironment } from "../environment.ts";
import { makeFolder } from "../files/make-folder.ts";
import { explainSystemError, machineError, missingFolder } from "../system-error.ts";
import { reaperScript } from "./reaper-script.ts";

/** A resource that the reaper will remove; `release` it once it is gone. */
export interface Registration extends Disposable {
  release(): void;
}

const entries = new Set<string>();
let shell: ChildProcessByStdio<Writable, null, null> | undefined;

export const reaper = {
  /** Registers a folder with its content; its name must begin with "falkordrill-": the reaper removes no other. */
  folder: (path: string): Registration => {
    if (!isAbsolute(path) || !/^falkordrill-./.test(basename(path))) {
      throw new Error(`the reaper removes only folders named falkordrill-..., and this is ${JSON.stringify(path)}`);
    }
    return register(`folder ${path}`);
  },
  /** Registers a file system mounted directly in a registered folder. */
  mount: (path: string): Registration => register(`mount ${path}`),
  /** Registers a child process, and its process group when it leads one. */
  process: (pid: number): Registration => register(`process ${pid} ${startTimeOf(pid)}`),
  /** Registers every process whose soft limit of file locks is this number: of a program that a drill called. */
  call: (mark: string): Registration => register(`call ${mark}`),
  /** Registers every container with this label (`key=value`), with its anonymous volumes. */
  containers: (label: string): Registration => register(`label ${label}`),
} as const;

function register(entry: string): Registration {
  if (entry.includes("\n")) throw new Error(`a name with a line break cannot be registered: ${JSON.stringify(entry)}`);
  if (shell === undefined) startReaper();
  entries.add(entry);
  send(`+${entry}`);
  const release = (): void => {
    if (entries.delete(entry)) send(`-${entry}`);
  };
  return { release, [Symbol.dispose]: release };
}

function startReaper(): void {
  const started = spawn("/bin/sh", ["-c", reaperScript], {
    cwd: "/",
    env: helperEnvironment(),
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  // If the reaper is killed, the next registration starts another one and registers everything again.
  const forget = (): void => {
    if (shell === started) shell = undefined;
  };
  started.on("error", forget);
  started.on("exit", forget);
  // Node gives no pipes where it cannot open any.
  const stdin = started.stdin as (Writable & { unref?: () => void }) | undefined;
  if (stdin === undefined)
    throw machineError(
      "no helper process can be started: this process has too many open files",
      "Allow more: ulimit -n.",
    );
  shell = started;
  stdin.on("error", forget);
  // It must not keep an otherwise idle harness alive.
  started.unref();
  stdin.unref?.();
  for (const entry of entries) send(`+${entry}`);
}

function send(line: string): void {
  shell?.stdin.write(`${line}\n`);
}

/** A new folder in `parent` that is kept for inspection. */
export function keptFolder(parent: string, name: string): PrivateFolder {
  const path = join(parent, folderName(name));
  makeFolder(path);
  return { path, [Symbol.asyncDispose]: async () => {} };
}

function folderName(name: string): string {
  return `falkordrill-${name}-${randomBytes(6).toString("hex")}`;
}

export interface PrivateFolder extends AsyncDisposable {
  readonly path: string;
}

/** A new private folder in the system's temporary folder; removed when disposed or when the harness ends. */
export async function privateFolder(name: string, parent: string = tmpdir()): Promise<PrivateFolder> {
  const path = join(parent, folderName(name));
  const registration = reaper.folder(path);
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    registration.release();
    if ((error as NodeJS.ErrnoException).code === "ENOENT") throw missingFolder(path, error);
    throw explainSystemError(error, path) ?? error;
  }
  return {
    path,
    [Symbol.asyncDispose]: async () => {
      await rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 });
      registration.release();
    },
  };
}
