// Nothing that a harness makes may outlive it, not even after kill -9. So one tiny shell process stands beside each
// harness process, in a session of its own; it is told of every process, folder and container, and when the pipe to
// it closes, it removes what has not been taken back.
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, isAbsolute, join } from "node:path";
import type { Writable } from "node:stream";
import { startTimeOf } from "../proc-stat.ts";
import { makeFolder } from "../files/make-folder.ts";
import { explainSystemError } from "../system-error.ts";
import { reaperScript } from "./reaper-script.ts";

/** Something that the reaper will remove; `release` once it is gone. */
export interface Registration extends Disposable {
  release(): void;
}

const entries = new Set<string>();
let shell: ChildProcessByStdio<Writable, null, null> | undefined;

export const reaper = {
  /** The folder and all in it; its name must begin with "falkordrill-", because the reaper touches no other. */
  folder: (path: string): Registration => {
    if (!isAbsolute(path) || !/^falkordrill-./.test(basename(path))) {
      throw new Error(`the reaper removes only folders named falkordrill-..., and this is ${JSON.stringify(path)}`);
    }
    return register(`folder ${path}`);
  },
  /** A file system mounted right inside a folder of ours. */
  mount: (path: string): Registration => register(`mount ${path}`),
  /** A child process, and its process group when it leads one. */
  process: (pid: number): Registration => register(`process ${pid} ${startTimeOf(pid)}`),
  /** Every container that carries this label (`key=value`), with its anonymous volumes. */
  containers: (label: string): Registration => register(`label ${label}`),
} as const;

function register(entry: string): Registration {
  if (entry.includes("\n")) throw new Error(`a name with a line break cannot be registered: ${JSON.stringify(entry)}`);
  entries.add(entry);
  if (shell === undefined) startReaper();
  else tell(`+${entry}`);
  const release = (): void => {
    if (entries.delete(entry)) tell(`-${entry}`);
  };
  return { release, [Symbol.dispose]: release };
}

function startReaper(): void {
  const started = spawn("/bin/sh", ["-c", reaperScript], {
    cwd: "/",
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  shell = started;
  // If somebody ends the reaper, the next registration starts another one, which learns everything again.
  const forget = (): void => {
    if (shell === started) shell = undefined;
  };
  started.on("error", forget);
  started.on("exit", forget);
  started.stdin.on("error", forget);
  // It must not keep a harness alive that has nothing else to do.
  started.unref();
  (started.stdin as Writable & { unref?: () => void }).unref?.();
  for (const entry of entries) tell(`+${entry}`);
}

function tell(line: string): void {
  shell?.stdin.write(`${line}\n`);
}

/** A new folder in `parent` that stays, for a look at it afterwards. */
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

/** A new folder for this user only, under the system's temporary folder; gone when disposed or when the harness ends. */
export async function privateFolder(name: string): Promise<PrivateFolder> {
  const path = join(tmpdir(), folderName(name));
  const registration = reaper.folder(path);
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    registration.release();
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
