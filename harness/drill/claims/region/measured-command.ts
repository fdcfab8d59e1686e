// A command of the vault as users run it, in its own process, with the memory that it takes.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { environmentWith } from "../../../base/environment.ts";
import { DrillError } from "../../../base/errors.ts";
import { packageRoot } from "../../../base/package.ts";
import { reaper } from "../../../base/process/reaper.ts";
import { pace } from "../../../base/timer.ts";

/** The kernel keeps the peak, so only what a command takes in its last moment can be missed. */
const lookEveryMs = 50;

/** Returns the largest resident memory of the command; throws where it does not end well. */
export async function peakMemoryOf(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<number> {
  const script = join(packageRoot(), "bin", "falkordrill.js");
  const child = spawn(process.execPath, [script, ...args], {
    stdio: ["ignore", "ignore", "pipe"],
    env: environmentWith(env),
    signal,
  });
  using _registration = { [Symbol.dispose]: registered(child.pid) };
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-2000);
  });
  const ended = new AbortController();
  const exit = once(child, "close").finally(() => ended.abort());
  exit.catch(() => {});
  let peakBytes = 0;
  while (!ended.signal.aborted) {
    peakBytes = Math.max(peakBytes, peakOf(child.pid ?? 0));
    await pace(lookEveryMs, ended.signal);
  }
  const [code] = (await exit) as [number | null];
  if (code === 0) return peakBytes;
  throw new DrillError(`falkordrill ${args.slice(0, 2).join(" ")} ended with ${code ?? "a signal"}: ${said.trim()}`, {
    exit: "notRecovered",
  });
}

function registered(pid: number | undefined): () => void {
  const registration = pid === undefined ? undefined : reaper.process(pid);
  return () => registration?.release();
}

function peakOf(pid: number): number {
  try {
    const [, kibibytes = "0"] = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
    return Number(kibibytes) * 1024;
  } catch {
    return 0;
  }
}
