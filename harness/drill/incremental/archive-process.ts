// `vault archive` as a process of its own, so that it can be killed like one. It tells what it does as lines of JSON.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { DrillError } from "../../base/errors.ts";
import { packageRoot } from "../../base/package.ts";
import { waitFor } from "../../base/wait.ts";
import type { Endpoint } from "../../engine/engine.ts";
import { type PrivateFolder, reaper } from "../../engine/reaper.ts";

const followTimeoutMs = 120_000;
const endTimeoutMs = 60_000;

export interface ArchiveProcessOptions {
  readonly vault: string;
  readonly endpoint: Endpoint;
  /** For the file with the password. */
  readonly folder: PrivateFolder;
  readonly flags: readonly string[];
}

export interface ArchiveProcess extends AsyncDisposable {
  /** The full backup that its chain stands on; undefined until it follows the source. */
  readonly base: string | undefined;
  /** What it said, one sentence each. */
  readonly notes: readonly string[];
  untilFollowing(signal: AbortSignal): Promise<void>;
  /** SIGKILL. False where it had ended before. */
  kill(): Promise<boolean>;
  /** Ctrl-C; gives its exit code. */
  interrupt(signal: AbortSignal): Promise<number | null>;
}

interface Line {
  readonly type: string;
  readonly text?: string;
  readonly base?: string;
}

export async function startArchiveProcess(options: ArchiveProcessOptions): Promise<ArchiveProcess> {
  const { vault, endpoint, folder, flags } = options;
  const passwordFile = join(folder.path, "password");
  await writeFile(passwordFile, endpoint.password ?? "", { mode: 0o600 });
  const url = `redis://${endpoint.host}:${endpoint.port}`;
  const words = ["vault", "archive", "--vault", vault, "--url", url, "--password-file", passwordFile, "--json"];
  const child = spawn(process.execPath, [join(packageRoot(), "bin", "falkordrill.js"), ...words, ...flags], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const registration = reaper.process(child.pid ?? 0);
  const closed = once(child, "close").finally(() => registration.release());
  // Whoever waits for it hears of it.
  closed.catch(() => {});
  const notes: string[] = [];
  let base: string | undefined;
  let complaints = "";
  createInterface(child.stdout).on("line", (text) => {
    const line = JSON.parse(text) as Line;
    if (line.type === "following") base = line.base;
    if (line.type === "note" && line.text !== undefined) notes.push(line.text);
  });
  child.stderr.on("data", (chunk: Buffer) => {
    complaints = (complaints + chunk.toString()).slice(-2000);
  });
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null;
  const kill = async (): Promise<boolean> => {
    child.kill("SIGKILL");
    await closed;
    return child.signalCode === "SIGKILL";
  };
  return {
    get base() {
      return base;
    },
    notes,
    untilFollowing: async (signal) => {
      const isThen = (): true | undefined => (base !== undefined || hasEnded() ? true : undefined);
      await waitFor(isThen, { what: "the archiver to follow the source", timeoutMs: followTimeoutMs, signal });
      if (base === undefined)
        throw new DrillError(`the archiver ended before it followed the source: ${complaints.trim()}`, {
          exit: "inconclusive",
        });
    },
    kill,
    interrupt: async (signal) => {
      child.kill("SIGINT");
      const what = "the archiver to end after Ctrl-C";
      await waitFor(() => (hasEnded() ? true : undefined), { what, timeoutMs: endTimeoutMs, signal });
      await closed;
      return child.exitCode;
    },
    [Symbol.asyncDispose]: async () => {
      await kill();
    },
  };
}
