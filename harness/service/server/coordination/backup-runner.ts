// Runs the backup that trigger-backup requests: a function, or a command. A command gets its input as one line of JSON
// on stdin (backup id, service URL, admin token), because arguments and environments are visible to other users; each
// line of its stdout is progress and the last one the outcome, its exit code decides, and its last line on stderr is
// the reason of a failure. A service that shuts down sends it SIGTERM, so that it can clean up.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { randomUUID } from "node:crypto";
import { errorMessage } from "../../../base/errors.ts";
import { startTimer } from "../../../base/timer.ts";
import type { Outcome } from "./coordination.ts";
import type { Authority } from "./write-gate.ts";

interface BackupJob {
  readonly backupId: string;
  readonly signal: AbortSignal;
  readonly progress: (text: string) => void;
}
/**
 * Does the whole backup, pausing through the /admin contract with its `backupId`; returns a sentence for the status.
 */
export type BackupFunction = (job: BackupJob) => Promise<string>;

export interface BackupCommand {
  readonly command: readonly [file: string, ...args: string[]];
  readonly timeoutMs?: number | undefined;
}

const defaultTimeoutMs = 3_600_000;
const stopGraceMs = 10_000;
const longestText = 500;

export class BackupRunner {
  readonly #authority: Authority;
  readonly #backup: BackupFunction | undefined;
  readonly #stop = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor(authority: Authority, backup: BackupFunction | undefined) {
    this.#authority = authority;
    this.#backup = backup;
  }

  get configured(): boolean {
    return this.#backup !== undefined;
  }

  /** Starts the backup and returns its id, or reports the conflicting one. */
  async trigger(): Promise<Outcome<string>> {
    const backupId = randomUUID();
    const begun = await this.#authority.beginBackup(backupId);
    if (!begun.ok) return begun;
    this.#running = this.#run(backupId);
    return { ok: true, value: backupId };
  }

  async close(): Promise<void> {
    this.#stop.abort(new Error("the service is shutting down"));
    await this.#running;
  }

  async #run(backupId: string): Promise<void> {
    const progress = (text: string): void => void this.#authority.noteBackup(backupId, text.slice(0, longestText));
    try {
      if (this.#backup === undefined) throw new Error("no backup is configured");
      const message = await this.#backup({ backupId, signal: this.#stop.signal, progress });
      await this.#authority.endBackup(backupId, "succeeded", message.slice(0, longestText));
    } catch (error) {
      await this.#authority.endBackup(backupId, "failed", errorMessage(error).slice(0, longestText));
    }
  }
}

/** `access` is read when the backup starts: the URL is known only once the service listens. */
export function backupByCommand(
  { command, timeoutMs = defaultTimeoutMs }: BackupCommand,
  access: () => { readonly url: string; readonly token: string },
): BackupFunction {
  return async ({ backupId, signal, progress }) => {
    const [file, ...args] = command;
    const child = spawn(file, args, { stdio: ["pipe", "pipe", "pipe"] });
    using _deadline = startTimer(timeoutMs, () => child.kill("SIGKILL"));
    let grace: Disposable | undefined;
    const stop = (): void => {
      child.kill("SIGTERM");
      grace = startTimer(stopGraceMs, () => child.kill("SIGKILL"));
    };
    let [said, lastError] = ["", ""];
    createInterface(child.stdout).on("line", (line) => {
      if (line.trim() !== "") progress((said = line));
    });
    createInterface(child.stderr).on("line", (line) => {
      if (line.trim() !== "") lastError = line;
    });
    // A command may ignore its input.
    child.stdin.on("error", () => {});
    child.stdin.end(`${JSON.stringify({ backupId, ...access() })}\n`);
    signal.addEventListener("abort", stop);
    if (signal.aborted) stop();
    try {
      const [code, killedBy] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
      if (code === 0) return said === "" ? "the backup command ended well" : said;
      const how = code === null ? `was killed by ${killedBy ?? "a signal"}` : `ended with exit code ${code}`;
      throw new Error(`the backup command ${how}${lastError === "" ? "" : `: ${lastError}`}`);
    } finally {
      signal.removeEventListener("abort", stop);
      grace?.[Symbol.dispose]();
    }
  };
}
