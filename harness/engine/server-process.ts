// One redis-server child process: started with its configuration on stdin, so that the password is neither in argv nor
// on disk; watched; and ended by SIGTERM, then SIGKILL.
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
  /** Configuration text, written to the server's stdin. */
  readonly config: string;
  /** The port in the configuration. */
  readonly port: number;
  /** The server's working folder. */
  readonly folder: string;
  /** File to which the server's output is appended. */
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
  /** Byte offset of this server's lines in the log; earlier lines are of previous launches. */
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
        // A process group of its own: Ctrl-C in the terminal reaches only the harness, which then ends its engines.
        detached: true,
        stdio: ["pipe", log, log],
        // By the last one the reaper finds the server if the harness is killed at this moment.
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
      // A server that crashes at once closes its stdin; its log says why, not the broken pipe.
      child.stdin?.on("error", () => {});
      child.stdin?.end(config);
      return server;
    } finally {
      closeSync(log);
    }
  }

  /** Signals the whole process group, including a forked child that saves. */
  #signal(name: "SIGTERM" | "SIGKILL" | "SIGSTOP" | "SIGCONT"): void {
    try {
      process.kill(-this.pid, name);
    } catch {
      // The process has already ended.
    }
  }

  revived(): Promise<boolean> {
    return Promise.resolve(false);
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

  /** Nothing to remove: the folder belongs to the engine. */
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

  /** Sends SIGKILL, which also ends a stopped process. */
  async kill(): Promise<void> {
    this.#signal("SIGKILL");
    if (!(await this.waitForEnd(10_000))) {
      throw new DrillError(`process ${this.pid} of an engine did not end within 10 s of SIGKILL`, {
        exit: "environment",
      });
    }
    // Forked children may end a moment later than their parent.
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

/** The end of a log file, at most from byte `from` on. */
async function tailOf(path: string, from: number): Promise<string> {
  await using file = await open(path, "r").catch(() => undefined);
  if (file === undefined) return "";
  const { size } = await file.stat();
  const start = Math.max(from, size - logTailBytes);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(size - start), 0, size - start, start);
  return buffer.toString("utf8", 0, bytesRead);
}
