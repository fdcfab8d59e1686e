// The owner of a lock, described so that another process can check whether it is still running.
import { readFile, readlink } from "node:fs/promises";
import { hostname } from "node:os";
import { z } from "zod";
import { isRunning, startTimeOf } from "../../base/proc-stat.ts";

export interface LockOwner {
  readonly host: string;
  /** Scope in which a pid identifies a process: one boot of one kernel, and one pid namespace. */
  readonly place: string;
  readonly pid: number;
  /** Start time of the process in the kernel's count, as pids are reused. */
  readonly startedAt: string;
}

export const lockOwnerSchema: z.ZodType<LockOwner> = z.object({
  host: z.string(),
  place: z.string(),
  pid: z.int(),
  startedAt: z.string(),
});

export async function thisProcess(): Promise<LockOwner> {
  const startedAt = startTimeOf(process.pid);
  return { host: hostname(), place: await placeHere(), pid: process.pid, startedAt };
}

/** `unknown` for owners elsewhere: their host may be gone or only unreachable, and host names are not unique. */
export async function ownerStateOf(owner: LockOwner): Promise<"alive" | "dead" | "unknown"> {
  if (owner.host !== hostname() || owner.place !== (await placeHere())) return "unknown";
  return isRunning(owner.pid) && startTimeOf(owner.pid) === owner.startedAt ? "alive" : "dead";
}

let here: Promise<string> | undefined;

/** It stays the same for as long as a process runs. */
function placeHere(): Promise<string> {
  return (here ??= readPlace());
}

async function readPlace(): Promise<string> {
  const boot = await readFile("/proc/sys/kernel/random/boot_id", "utf8").catch(() => "");
  const namespace = await readlink("/proc/self/ns/pid").catch(() => "");
  return `${boot.trim()} ${namespace}`;
}
