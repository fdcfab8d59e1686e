// Limits of a running process: only the soft one is changed, so that it can be put back.
import { readFileSync } from "node:fs";
import { environmentError } from "../../base/errors.ts";
import { startTimeOf } from "../../base/proc-stat.ts";
import { runCommand } from "../../base/process/run-command.ts";
import type { FaultProof } from "../fault.ts";
import { isSame } from "./engine-process.ts";

const commandTimeoutMs = 10_000;
const lines = { nofile: "Max open files", as: "Max address space" } as const;
type Limit = keyof typeof lines;

let isThere: Promise<boolean> | undefined;

export async function noPrlimit(): Promise<string | undefined> {
  isThere ??= runCommand("prlimit", ["--version"], { timeoutMs: commandTimeoutMs }).then(({ status }) => status === 0);
  return (await isThere) ? undefined : "there is no prlimit (util-linux), which sets limits of a running process";
}

/** The soft limit, or `unlimited`. */
export function softLimitOf(pid: number, limit: Limit): string {
  const line = readFileSync(`/proc/${pid}/limits`, "utf8")
    .split("\n")
    .find((text) => text.startsWith(lines[limit]));
  return line?.slice(lines[limit].length).trim().split(/\s+/)[0] ?? "";
}

async function setSoftLimit(pid: number, limit: Limit, value: string): Promise<void> {
  const words = ["--pid", String(pid), `--${limit}=${value}:`];
  const { status, stderr } = await runCommand("prlimit", words, { timeoutMs: commandTimeoutMs });
  if (status !== 0) throw environmentError(`prlimit ${words.join(" ")} failed: ${stderr.trim()}`);
}

/** Fired if the kernel reports the limit. A process that has ended has none. */
export async function limitProcess(
  pid: number,
  limit: Limit,
  value: string,
  undo: AsyncDisposableStack,
): Promise<FaultProof> {
  const startTime = startTimeOf(pid);
  const before = softLimitOf(pid, limit);
  undo.defer(async () => {
    if (!isSame(pid, startTime)) return;
    await setSoftLimit(pid, limit, before).catch((error: unknown) => {
      if (isSame(pid, startTime)) throw error;
    });
  });
  await setSoftLimit(pid, limit, value);
  const fired = softLimitOf(pid, limit) === value;
  return () => ({ fired, detail: { pid, limit: value, before } });
}
