// One redis-server process of ours: started with its configuration on stdin, so that the password is neither in
// argv nor on disk; watched; ended by a ladder of ever ruder means.
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, fstatSync, openSync } from "node:fs";
import { open, readFile } from "node:fs/promises";
import { DrillError } from "../base/errors.ts";
import { waitFor } from "../base/wait.ts";
import type { EngineCommand } from "./binaries/binaries.ts";
import { cpuMsOf, threadsOf } from "../base/proc-stat.ts";
import { reaper, type Registration } from "../base/process/reaper.ts";
import type { RunningServer } from "./running-server.ts";

const logTailBytes = 64 * 1024;

export interface ServerProcessOptions {
  readonly command: EngineCommand;
  /** Goes to its stdin. */
  readonly config: string;
  /** The port that the configuration names. */
  readonly port: number;
  /** Its working folder. */
  readonly folder: string;
  /** Its output is appended here. */
  readonly logFile: string;
}

export class ServerProcess implements RunningServer {
  readonly host = "127.0.0.1";
  readonly port: number;
  readonly pid: number;
  ended: string | undefined;
  readonly #child: ChildProcess;
  readonly #registration: Registration;
  readonly #logFile: string;
  /** Where its own lines begin; the ones before are those of its predecessors. */
  readonly #logStart: number;

  private constructor(child: ChildProcess, pid: number, logStart: number, options: ServerProcessOptions) {
    this.pid = pid;
    this.port = options.port;
    this.#logFile = options.logFile;
    this.#logStart = logStart;
    this.#child = child;
    this.#registration = reaper.process(pid);
    child.once("exit", (status, signal) => {
      this.ended = signal === null ? `exited with status ${status}` : `was ended by ${signal}`;
      this.#registration.release();
    });
  }

  static async start(options: ServerProcessOptions): Promise<ServerProcess> {
    const { command, config, folder, logFile } = options;
    const log = openSync(logFile, "a", 0o600);
    const logStart = fstatSync(log).size;
    try {
      const child = spawn(command.file, [...command.args, "-"], {
        cwd: folder,
        // Its own process group: Ctrl-C in the terminal is for the harness, which then ends its engines in order.
        detached: true,
        stdio: ["pipe", log, log],
        // The last one is how the reaper knows it when the harness died in this very moment.
        env: { LC_ALL: "C", PATH: "/usr/bin:/bin", TMPDIR: folder, FALKORDRILL_ENGINE_FOLDER: folder },
        ...(command.argv0 === undefined ? {} : { argv0: command.argv0 }),
      });
      const failed = new Promise<never>((_, reject) => {
        child.once("error", (error) =>
          reject(
            new DrillError(`cannot start ${command.file}: ${error.message}`, { exit: "environment", cause: error }),
          ),
        );
      });
      failed.catch(() => {});
      if (child.pid === undefined) return await failed;
      const server = new ServerProcess(child, child.pid, logStart, options);
      // A server that dies at once closes its stdin; its log says why, not the broken pipe.
      child.stdin?.on("error", () => {});
      child.stdin?.end(config);
      return server;
    } finally {
      closeSync(log);
    }
  }

  /** To the whole process group, so that a forked child that saves follows its parent. */
  #signal(name: "SIGTERM" | "SIGKILL" | "SIGSTOP" | "SIGCONT"): void {
    try {
      process.kill(-this.pid, name);
    } catch {
      // It has ended already.
    }
  }

  pause(): Promise<void> {
    this.#signal("SIGSTOP");
    return Promise.resolve();
  }

  resume(): Promise<void> {
    this.#signal("SIGCONT");
    return Promise.resolve();
  }

  terminate(): Promise<void> {
    this.#signal("SIGTERM");
    return Promise.resolve();
  }

  logs(): Promise<string> {
    return tailOf(this.#logFile, this.#logStart);
  }

  /** The folder is the engine's, and nothing else is left. */
  remove(): Promise<void> {
    return Promise.resolve();
  }

  async waitForEnd(timeoutMs: number): Promise<boolean> {
    if (this.ended !== undefined) return true;
    const deadline = AbortSignal.timeout(timeoutMs);
    return await new Promise((resolve) => {
      this.#child.once("exit", () => resolve(true));
      deadline.addEventListener("abort", () => resolve(this.ended !== undefined), { once: true });
    });
  }

  /** SIGKILL, and away. A stopped process dies of it as well. */
  async kill(): Promise<void> {
    this.#signal("SIGKILL");
    if (!(await this.waitForEnd(10_000))) {
      throw new DrillError(`process ${this.pid} of an engine did not end within 10 s of SIGKILL`, {
        exit: "environment",
      });
    }
    // Children of a fork may take a moment longer than their parent.
    await waitFor(() => (groupIsGone(this.pid) ? true : undefined), {
      what: `the process group of engine ${this.pid} to be gone`,
      timeoutMs: 10_000,
      intervalMs: 2,
      exit: "environment",
    });
  }

  cpuMs(): number | undefined {
    return cpuMsOf(this.pid);
  }

  async threads(): Promise<readonly string[]> {
    return await threadsOf(this.pid);
  }

  async rssBytes(): Promise<number> {
    const status = await readFile(`/proc/${this.pid}/status`, "utf8").catch(() => "");
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024;
  }
}

function groupIsGone(pid: number): boolean {
  try {
    process.kill(-pid, 0);
    return false;
  } catch {
    return true;
  }
}

/** The end of a log file, from `from` at the earliest. */
async function tailOf(path: string, from: number): Promise<string> {
  await using file = await open(path, "r").catch(() => undefined);
  if (file === undefined) return "";
  const { size } = await file.stat();
  const start = Math.max(from, size - logTailBytes);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(size - start), 0, size - start, start);
  return buffer.toString("utf8", 0, bytesRead);
}
