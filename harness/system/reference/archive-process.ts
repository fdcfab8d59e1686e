// `vault archive` as users run it, in its own process: it can be killed, and its cost is not mixed with other work of
// this process. It reports as lines of JSON.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { cpuMsOf } from "../../base/proc-stat.ts";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type Endpoint, serverUrl } from "../../base/endpoint.ts";
import { environmentWith } from "../../base/environment.ts";
import { DrillError, type ExitReason } from "../../base/errors.ts";
import { packageRoot } from "../../base/package.ts";
import { waitFor } from "../../base/wait.ts";
import { type PrivateFolder, reaper } from "../../base/process/reaper.ts";

const followTimeoutMs = 120_000;
const endTimeoutMs = 60_000;
const complaintsMax = 2000;

export interface ArchiveProcessOptions {
  readonly vault: string;
  readonly endpoint: Endpoint;
  /** Folder for the file with the password, which argv would expose. */
  readonly folder: Pick<PrivateFolder, "path">;
  readonly flags: readonly string[];
  /** Flags of Node, before the script. */
  readonly nodeFlags?: readonly string[];
  /** Credentials for a vault on S3. */
  readonly env?: Readonly<Record<string, string>>;
  /** Exit reason if waiting for it times out; by default that the system does not do its work. */
  readonly exit?: ExitReason;
}

export interface ArchiveProcess extends AsyncDisposable {
  /** The full backup on which its chain is based; undefined until it follows the source. */
  readonly base: string | undefined;
  /** The offset that its chain reached, reported at its end; undefined where it was killed. */
  readonly reached: number | undefined;
  /** Its messages, one sentence each. */
  readonly notes: readonly string[];
  /** The end of its stderr. */
  readonly complaints: string;
  /** Processor time that it has used so far, in ms. */
  processorMs(): number;
  untilFollowing(signal: AbortSignal): Promise<void>;
  /** Sends SIGKILL. False where it had ended before. */
  kill(): Promise<boolean>;
  /** Sends SIGINT (Ctrl-C); returns its exit code. */
  interrupt(signal: AbortSignal): Promise<number | null>;
}

interface Line {
  readonly type: string;
  readonly text?: string;
  readonly base?: string;
  readonly offset?: number;
}

export async function startArchiveProcess(options: ArchiveProcessOptions): Promise<ArchiveProcess> {
  const { vault, endpoint, folder, flags, nodeFlags = [], env = {}, exit = "notRecovered" } = options;
  const passwordFile = join(folder.path, "password");
  await writeFile(passwordFile, endpoint.password ?? "", { mode: 0o600 });
  const words = ["vault", "archive", "--vault", vault, "--url", serverUrl(endpoint), "--password-file", passwordFile];
  const script = join(packageRoot(), "bin", "falkordrill.js");
  const child = spawn(process.execPath, [...nodeFlags, script, ...words, "--json", ...flags], {
    stdio: ["ignore", "pipe", "pipe"],
    env: environmentWith(env),
  });
  const registration = child.pid === undefined ? undefined : reaper.process(child.pid);
  const closed = once(child, "close").finally(() => registration?.release());
  // The caller that awaits it gets the error.
  closed.catch(() => {});
  const notes: string[] = [];
  let base: string | undefined;
  let reached: number | undefined;
  let complaints = "";
  createInterface(child.stdout).on("line", (text) => {
    const line = JSON.parse(text) as Line;
    if (line.type === "following") base = line.base;
    if (line.type === "note" && line.text !== undefined) notes.push(line.text);
    if (line.type === "summary") reached = line.offset;
  });
  child.stderr.on("data", (chunk: Buffer) => {
    complaints = (complaints + chunk.toString()).slice(-complaintsMax);
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
    get reached() {
      return reached;
    },
    get complaints() {
      return complaints.trim();
    },
    notes,
    processorMs: () => cpuMsOf(child.pid ?? 0) ?? Number.NaN,
    untilFollowing: async (signal) => {
      const isThen = (): true | undefined => (base !== undefined || hasEnded() ? true : undefined);
      await waitFor(isThen, { what: "the archiver to follow the source", timeoutMs: followTimeoutMs, signal, exit });
      if (base === undefined)
        throw new DrillError(`the archiver ended before it followed the source: ${complaints.trim()}`, {
          exit: "inconclusive",
          hint: "Run `falkordrill vault archive` by hand and see what it says.",
        });
    },
    kill,
    interrupt: async (signal) => {
      child.kill("SIGINT");
      const what = "the archiver to end after Ctrl-C";
      await waitFor(() => (hasEnded() ? true : undefined), { what, timeoutMs: endTimeoutMs, signal, exit });
      await closed;
      return child.exitCode;
    },
    [Symbol.asyncDispose]: async () => {
      await kill();
    },
  };
}
