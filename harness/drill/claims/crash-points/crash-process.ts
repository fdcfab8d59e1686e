// The command line in its own process, which kills itself at one of its crash points.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { crashingEnvironment } from "../../../base/environment.ts";
import { packageRoot } from "../../../base/package.ts";
import { type CrashPoint, passedPoints } from "../../../base/process/crash-point.ts";
import { reaper } from "../../../base/process/reaper.ts";
import { startTimer } from "../../../base/timer.ts";

const endTimeoutMsDefault = 120_000;

export interface CrashOptions {
  /** The command and its flags. */
  readonly words: readonly string[];
  /** Value of FALKORDRILL_CRASH_POINT. */
  readonly crash: string;
  /** Folder for its temporary files. */
  readonly temporary: string;
  /** More variables of its environment. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly endTimeoutMs?: number;
  /** Bits that no file of it may have, in octal. */
  readonly umask?: string;
  /** Flags of Node, before the program. */
  readonly nodeFlags?: readonly string[];
  /** It runs until Ctrl-C, which it gets at the line of stdout that holds this text. */
  readonly interruptAt?: string;
}

export interface Crash {
  readonly passed: readonly CrashPoint[];
  /** Point at which it was killed; undefined if it ended by itself. */
  readonly at: CrashPoint | undefined;
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CrashingProcess {
  readonly pid: number;
  readonly ended: Promise<Crash>;
  /** Resolves when it has reported this point, at which it stops itself, or so many points. */
  untilPassed(point: CrashPoint | number): Promise<void>;
  /** What it has written to stderr so far. */
  stderr(): string;
}

export function startCrashing({
  words,
  crash,
  nodeFlags = [],
  interruptAt,
  environment,
  cwd,
  endTimeoutMs = endTimeoutMsDefault,
  umask,
  temporary,
}: CrashOptions): CrashingProcess {
  const script = join(packageRoot(), "bin", "falkordrill.js");
  const command = [process.execPath, ...nodeFlags, script, ...words];
  const started = umask === undefined ? command : ["/bin/sh", "-c", `umask ${umask} && exec "$0" "$@"`, ...command];
  const child = spawn(started[0] ?? "", started.slice(1), {
    stdio: ["ignore", "pipe", "pipe"],
    env: crashingEnvironment(crash, temporary, environment),
    ...(cwd === undefined ? {} : { cwd }),
  });
  const pid = child.pid ?? 0;
  const registration = reaper.process(pid);
  let stdout = "";
  let stderr = "";
  const waits: { readonly point: CrashPoint | number; readonly resolve: () => void }[] = [];
  child.stderr.on("data", (chunk: Buffer) => {
    stderr += chunk.toString();
    const passed = passedPoints(stderr);
    for (const { point, resolve } of waits)
      if (typeof point === "number" ? passed.length >= point : passed.includes(point)) resolve();
  });
  createInterface(child.stdout).on("line", (line) => {
    stdout += `${line}\n`;
    if (interruptAt !== undefined && line.includes(interruptAt)) child.kill("SIGINT");
  });
  const ended = async (): Promise<Crash> => {
    using _deadline = startTimer(endTimeoutMs, () => child.kill("SIGKILL"));
    using _registration = registration;
    await once(child, "close");
    const passed = passedPoints(stderr);
    const isKilled = child.signalCode === "SIGKILL" && crash.startsWith("kill");
    return { passed, at: isKilled ? passed.at(-1) : undefined, status: child.exitCode, stdout, stderr };
  };
  return {
    pid,
    ended: ended(),
    stderr: () => stderr,
    untilPassed: (point) => new Promise((resolve) => waits.push({ point, resolve })),
  };
}
