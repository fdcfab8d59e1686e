// A command of the vault as users run it, in its own process, with the memory that it takes.
import { readFileSync } from "node:fs";
import { DrillError } from "../../../base/errors.ts";
import { pace } from "../../../base/timer.ts";
import { OwnProcess } from "../../../system/reference/own-process.ts";

/** The kernel keeps the peak, so only what a command takes in its last moment can be missed. */
const lookEveryMs = 50;

/** Returns the largest resident memory of the command; throws where it does not end well. */
export async function peakMemoryOf(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<number> {
  signal.throwIfAborted();
  await using own = new OwnProcess(args, env);
  const ended = new AbortController();
  const exit = own.closed.finally(() => ended.abort());
  exit.catch(() => {});
  const stop = AbortSignal.any([signal, ended.signal]);
  let peakBytes = 0;
  while (!stop.aborted) {
    peakBytes = Math.max(peakBytes, peakOf(own.pid));
    await pace(lookEveryMs, stop);
  }
  signal.throwIfAborted();
  await exit;
  const { exitCode } = own;
  if (exitCode === 0) return peakBytes;
  throw new DrillError(
    `falkordrill ${args.slice(0, 2).join(" ")} ended with ${exitCode ?? "a signal"}: ${own.complaints}`,
    {
      exit: "notRecovered",
    },
  );
}

function peakOf(pid: number): number {
  try {
    const [, kibibytes = "0"] = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
    return Number(kibibytes) * 1024;
  } catch {
    return 0;
  }
}
