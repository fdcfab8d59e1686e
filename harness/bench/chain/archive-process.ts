// `vault archive` as users run it, in a process of its own: what following a server costs is then not mixed with what
// this process does beside it.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { DrillError } from "../../base/errors.ts";
import { packageRoot } from "../../base/package.ts";
import { FatalProbeError, waitFor } from "../../base/wait.ts";
import type { Endpoint } from "../../engine/engine.ts";
import { reaper } from "../../engine/reaper.ts";

const timeoutMs = 120_000;

export interface ArchiveRun {
  readonly endpoint: Endpoint;
  readonly vault: string;
  /** Holds the password of the server; argv would show it. */
  readonly passwordFile: string;
  readonly segmentAge: string;
  readonly signal: AbortSignal;
}

export interface ArchiveProcess extends AsyncDisposable {
  /** Processor time that it has taken so far, in ms. */
  processorMs(): Promise<number>;
  /** Ends it in good order, as Ctrl-C does, and gives the offset that its chain reaches. */
  stop(): Promise<number>;
}

/** Resolves when it follows the server. */
export async function startArchive(run: ArchiveRun): Promise<ArchiveProcess> {
  const { endpoint, vault, passwordFile, segmentAge, signal } = run;
  const { host, port } = endpoint;
  const args = ["vault", "archive", "--vault", vault, "--url", `redis://${host}:${port}`, "--json"];
  args.push("--password-file", passwordFile, "--segment-age", segmentAge);
  const bin = join(packageRoot(), "bin", "falkordrill.js");
  const child = spawn(process.execPath, [...process.execArgv, bin, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  const registration = child.pid === undefined ? undefined : reaper.process(child.pid);
  const closed = once(child, "close");
  // Told by whoever waits for it.
  closed.catch(() => {});
  const said = { follows: false, reaches: undefined as number | undefined, ended: false, stderr: "" };
  closed.then(
    () => (said.ended = true),
    (error: unknown) => {
      said.ended = true;
      said.stderr += String(error);
    },
  );
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said.stderr += text));
  createInterface(child.stdout).on("line", (line) => {
    const { type, text = "", offset } = JSON.parse(line) as { type: string; text?: string; offset?: number };
    if (type === "note" && /^chain \S+ begins at offset|^going on with /.test(text)) said.follows = true;
    if (type === "summary") said.reaches = offset;
  });
  const until = async (what: string, isSo: () => boolean): Promise<void> => {
    const probe = (): true | undefined => {
      if (isSo()) return true;
      if (said.ended) throw new FatalProbeError(endedEarly(what, said.stderr));
      return undefined;
    };
    await waitFor(probe, { what, timeoutMs, signal, exit: "inconclusive" });
  };
  const archive: ArchiveProcess = {
    processorMs: () => processorMsOf(child.pid ?? 0),
    stop: async () => {
      child.kill("SIGINT");
      await until("the archive to end", () => said.ended);
      if (said.reaches === undefined) throw endedEarly("the archive to say how far it reaches", said.stderr);
      return said.reaches;
    },
    [Symbol.asyncDispose]: async () => {
      if (!said.ended) child.kill("SIGKILL");
      await closed.catch(() => {});
      registration?.release();
    },
  };
  try {
    await until("the archive to follow the server", () => said.follows);
    return archive;
  } catch (error) {
    await archive[Symbol.asyncDispose]();
    throw error;
  }
}

/** Of a process and all its threads; Linux counts it in hundredths of a second. */
async function processorMsOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, "latin1");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  // utime and stime, fields 14 and 15 of proc_pid_stat(5); the name before them may hold spaces.
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

function endedEarly(what: string, stderr: string): DrillError {
  const last = stderr.trim().split("\n").slice(-3).join("; ");
  return new DrillError(`waited for ${what}, and it ended: ${last}`, {
    exit: "inconclusive",
    hint: "Run `falkordrill vault archive` by hand and see what it says.",
  });
}
