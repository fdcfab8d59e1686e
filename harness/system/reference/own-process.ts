// A command of this program in a process of its own, as its users run it: it can be killed, and its cost is not mixed with
// other work of this process.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { delimiter, dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { environmentWith } from "../../base/environment.ts";
import { packageRoot } from "../../base/package.ts";
import { reaper } from "../../base/process/reaper.ts";

const complaintsMax = 4000;

export class OwnProcess implements AsyncDisposable {
  /** Resolves when it has ended and all that it said was read; rejects where it could not be started. */
  readonly closed: Promise<unknown>;
  protected readonly child: ChildProcess;
  #complaints = "";

  /** `onLine` gets each line of its stdout. */
  constructor(words: readonly string[], env: Readonly<Record<string, string>>, onLine?: (line: string) => void) {
    const given = environmentWith(env);
    // By the first line of the script, which has the settings of memory, and with the Node of this process.
    this.child = spawn(join(packageRoot(), "bin", "falkordrill.js"), words, {
      stdio: ["ignore", onLine === undefined ? "ignore" : "pipe", "pipe"],
      env: { ...given, PATH: `${dirname(process.execPath)}${delimiter}${given["PATH"] ?? ""}` },
    });
    const { pid, stdout, stderr } = this.child;
    const registration = pid === undefined ? undefined : reaper.process(pid);
    this.closed = once(this.child, "close").finally(() => registration?.release());
    // Whoever awaits it gets the error.
    this.closed.catch(() => {});
    if (onLine !== undefined && stdout !== null) createInterface(stdout).on("line", onLine);
    stderr?.on("data", (chunk: Buffer) => {
      this.#complaints = (this.#complaints + chunk.toString()).slice(-complaintsMax);
    });
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** The end of its stderr. */
  get complaints(): string {
    return this.#complaints.trim();
  }

  /** Null while it runs, and where a signal ended it. */
  get exitCode(): number | null {
    return this.child.exitCode;
  }

  get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** Sends SIGKILL. False where it had ended before. */
  async kill(): Promise<boolean> {
    this.child.kill("SIGKILL");
    await this.closed.catch(() => {});
    return this.child.signalCode === "SIGKILL";
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }
}
