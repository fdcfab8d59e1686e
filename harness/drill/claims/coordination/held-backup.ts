// The parent of backup-worker.ts: starts it, waits until it reaches its hold point, and kills it there.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { extname, join } from "node:path";
import { createInterface } from "node:readline";
import type { Endpoint } from "../../../base/endpoint.ts";
import { DrillError } from "../../../base/errors.ts";
import { startTimer } from "../../../base/timer.ts";
import { reaper } from "../../../base/process/reaper.ts";

/**
 * Hold points: right after writes were paused; while the snapshot is transferred; with everything stored but the
 * manifest.
 */
export const holdPoints = ["pause", "transfer", "manifest"] as const;
export type HoldPoint = (typeof holdPoints)[number];

export interface HeldBackupOptions {
  readonly vault: string;
  readonly endpoint: Endpoint;
  readonly service: { readonly url: string; readonly token: string };
  readonly leaseMs: number;
  readonly holdAt: HoldPoint;
}

export interface HeldBackup extends AsyncDisposable {
  /** Sends SIGKILL; resolves when the process has exited. */
  kill(): Promise<void>;
}

const holdTimeoutMs = 60_000;

/** Resolves when the backup has reached its hold point, where it stays. */
export async function startHeldBackup(options: HeldBackupOptions): Promise<HeldBackup> {
  const script = join(import.meta.dirname, `backup-worker${extname(import.meta.filename)}`);
  const child = spawn(process.execPath, [script], { stdio: ["pipe", "pipe", "pipe"] });
  const registration = reaper.process(child.pid ?? 0);
  const exited = once(child, "exit").finally(() => registration.release());
  const kill = async (): Promise<void> => {
    child.kill("SIGKILL");
    await exited;
  };
  let complaints = "";
  child.stderr.on("data", (chunk: Buffer) => {
    complaints = (complaints + chunk.toString()).slice(-2000);
  });
  child.stdin.end(JSON.stringify(options));
  const isHeld = once(createInterface(child.stdout), "line").then(() => true);
  using _deadline = startTimer(holdTimeoutMs, () => child.kill("SIGKILL"));
  if (await Promise.race([isHeld, exited.then(() => false)])) return { kill, [Symbol.asyncDispose]: kill };
  throw new DrillError(`the backup ended before it came to "${options.holdAt}": ${complaints.trim()}`, {
    exit: "inconclusive",
  });
}
