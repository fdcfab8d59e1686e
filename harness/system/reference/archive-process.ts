// `vault archive` in its own process. It reports as lines of JSON.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Endpoint, serverUrl } from "../../base/endpoint.ts";
import { DrillError, type ExitReason } from "../../base/errors.ts";
import { cpuMsOf } from "../../base/proc-stat.ts";
import type { PrivateFolder } from "../../base/process/reaper.ts";
import { waitFor } from "../../base/wait.ts";
import { OwnProcess } from "./own-process.ts";

const followTimeoutMs = 120_000;
const endTimeoutMs = 60_000;

export interface ArchiveProcessOptions {
  readonly vault: string;
  readonly endpoint: Endpoint;
  /** Folder for the file with the password, which argv would expose. */
  readonly folder: Pick<PrivateFolder, "path">;
  readonly flags: readonly string[];
  /** Credentials for a vault on S3. */
  readonly env?: Readonly<Record<string, string>>;
  /** Exit reason if waiting for it times out; by default that the system does not do its work. */
  readonly exit?: ExitReason;
}

interface Line {
  readonly type: string;
  readonly text?: string;
  readonly base?: string;
  readonly offset?: number;
}

export async function startArchiveProcess(options: ArchiveProcessOptions): Promise<ArchiveProcess> {
  const { vault, endpoint, folder, flags, env = {}, exit = "notRecovered" } = options;
  const passwordFile = join(folder.path, "password");
  await writeFile(passwordFile, endpoint.password ?? "", { mode: 0o600 });
  const words = ["vault", "archive", "--vault", vault, "--url", serverUrl(endpoint), "--password-file", passwordFile];
  return new ArchiveProcess([...words, "--json", ...flags], env, exit);
}

export class ArchiveProcess extends OwnProcess {
  /** The full backup on which its chain is based; undefined until it follows the source. */
  base: string | undefined;
  /** The offset that its chain reached, reported at its end; undefined where it was killed. */
  reached: number | undefined;
  /** Its messages, one sentence each. */
  readonly notes: string[] = [];
  readonly #exit: ExitReason;

  constructor(words: readonly string[], env: Readonly<Record<string, string>>, exit: ExitReason) {
    super(words, env, (text) => {
      const line = JSON.parse(text) as Line;
      if (line.type === "following") this.base = line.base;
      if (line.type === "note" && line.text !== undefined) this.notes.push(line.text);
      if (line.type === "summary") this.reached = line.offset;
    });
    this.#exit = exit;
  }

  /** Processor time that it has used so far, in ms. */
  processorMs(): number {
    return cpuMsOf(this.pid) ?? Number.NaN;
  }

  async untilFollowing(signal: AbortSignal): Promise<void> {
    const what = "the archiver to follow the source";
    const isThen = (): true | undefined => (this.base !== undefined || this.hasEnded ? true : undefined);
    await waitFor(isThen, { what, timeoutMs: followTimeoutMs, signal, exit: this.#exit });
    if (this.base !== undefined) return;
    throw new DrillError(`the archiver ended before it followed the source: ${this.complaints}`, {
      exit: "inconclusive",
      hint: "Run `falkordrill vault archive` by hand and see what it says.",
    });
  }

  /** Sends SIGINT (Ctrl-C); returns its exit code. */
  async interrupt(signal: AbortSignal): Promise<number | null> {
    this.child.kill("SIGINT");
    const what = "the archiver to end after Ctrl-C";
    const isThen = (): true | undefined => (this.hasEnded ? true : undefined);
    await waitFor(isThen, { what, timeoutMs: endTimeoutMs, signal, exit: this.#exit });
    await this.closed;
    return this.exitCode;
  }
}
