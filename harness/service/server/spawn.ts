// Starts the graph service as a child process, for drills that kill it. The configuration with its token goes over
// stdin, which stays open: when the harness is killed, stdin ends and the service stops.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { extname, join } from "node:path";
import { createInterface } from "node:readline";
import { helperEnvironment } from "../../base/environment.ts";
import { environmentError, errorMessage } from "../../base/errors.ts";
import { reaper } from "../../base/process/reaper.ts";
import { startTimer } from "../../base/timer.ts";
import { formatDuration } from "../../base/units.ts";
import type { BackupCommand } from "./coordination/backup-runner.ts";
import { auditFile, type GraphService, type GraphServiceOptions } from "./server.ts";

export type SpawnOptions = Pick<
  GraphServiceOptions,
  "database" | "token" | "stateDir" | "port" | "shutdownDrainMs" | "fleet" | "fleetAliveMs" | "stalledAfterMs"
> & {
  /** The backup that trigger-backup runs. */
  readonly backup?: BackupCommand;
};

export interface GraphServiceProcess extends GraphService {
  readonly pid: number;
  /** Sends SIGKILL; resolves when the process is gone. */
  kill(): Promise<void>;
  /** Sends SIGTERM: the service drains, then ends. */
  stop(): Promise<void>;
}

/** A guard against a service that hangs: one that ends is noticed at once. The machine may be busy with other work. */
const startTimeoutMs = 60_000;
const stopTimeoutMs = 40_000;

export async function spawnGraphService(options: SpawnOptions): Promise<GraphServiceProcess> {
  const main = join(import.meta.dirname, `main${extname(import.meta.filename)}`);
  const child = spawn(process.execPath, [main], { stdio: ["pipe", "pipe", "pipe"], env: helperEnvironment() });
  // A harness that is killed takes the service along, before the folder that it writes into is removed.
  const registration = child.pid === undefined ? undefined : reaper.process(child.pid);
  child.once("exit", () => registration?.release());
  let complaints = "";
  child.stderr.on("data", (chunk: Buffer) => {
    complaints = (complaints + chunk.toString()).slice(-2000);
  });
  child.stdin.on("error", () => {});
  child.stdin.write(`${JSON.stringify({ ...options, stopWithStdin: true })}\n`);
  try {
    const { url } = await announcement(child, startTimeoutMs);
    return {
      url,
      token: options.token,
      auditPath: join(options.stateDir, auditFile),
      pid: child.pid ?? 0,
      kill: () => end(child, "SIGKILL"),
      stop: () => end(child, "SIGTERM"),
      [Symbol.asyncDispose]: () => end(child, "SIGTERM"),
    };
  } catch (cause) {
    await end(child, "SIGKILL");
    throw environmentError(
      `the graph service did not start: ${complaints.trim() || errorMessage(cause)}`,
      undefined,
      cause,
    );
  }
}

async function announcement(child: ChildProcess, timeoutMs: number): Promise<{ readonly url: string }> {
  if (child.stdout === null) throw new Error("no stdout");
  using lines = closing(createInterface(child.stdout));
  let isLate = false;
  using _deadline = startTimer(timeoutMs, () => {
    isLate = true;
    child.kill("SIGKILL");
  });
  const exited = once(child, "exit").then(() => {
    throw new Error(isLate ? `it did not listen within ${formatDuration(timeoutMs)}` : "it ended before it listened");
  });
  const [line] = (await Promise.race([once(lines.value, "line"), exited])) as [string];
  exited.catch(() => {});
  return JSON.parse(line) as { url: string };
}

function closing<T extends { close(): void }>(value: T): { readonly value: T } & Disposable {
  return { value, [Symbol.dispose]: () => value.close() };
}

async function end(child: ChildProcess, signal: "SIGKILL" | "SIGTERM"): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill(signal);
  using _ladder = startTimer(stopTimeoutMs, () => child.kill("SIGKILL"));
  await exited;
}
