// Processes that a program left running. Every process of a call inherits a mark in its environment, so daemons are
// found that left their process group and parent.
import { readdir, readFile } from "node:fs/promises";

export interface Leftover {
  readonly pid: number;
  /** Name of its program. */
  readonly name: string;
}

/** Running processes of this machine with `mark` in their environment. Empty where /proc does not exist. */
async function markedProcesses(mark: string): Promise<readonly Leftover[]> {
  const pids = (await readdir("/proc").catch(() => [])).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(pids.map((pid) => marked(Number(pid), mark)));
  return found.filter((process) => process !== undefined);
}

async function marked(pid: number, mark: string): Promise<Leftover | undefined> {
  // It may end in between, or belong to another user.
  const environment = await readFile(`/proc/${pid}/environ`, "latin1").catch(() => "");
  if (!environment.split("\0").includes(mark)) return undefined;
  const name = (await readFile(`/proc/${pid}/comm`, "utf8").catch(() => "")).trim();
  return { pid, name };
}

/** Sends SIGKILL to each of them, and to those that they started meanwhile. Returns all, by first sight. */
export async function endMarked(mark: string): Promise<readonly Leftover[]> {
  const ended = new Map<number, Leftover>();
  for (let round = 0; round < roundsMax; round++) {
    const running = await markedProcesses(mark);
    if (running.length === 0) break;
    for (const process of running) {
      ended.set(process.pid, process);
      kill(process.pid);
    }
  }
  return [...ended.values()];
}

/** A program that forks faster than this is left to the reaper of its process group. */
const roundsMax = 50;

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has already ended.
  }
}
