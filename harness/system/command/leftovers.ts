// Processes that a program left running. Every process of a call inherits a mark twice, in its environment and as a limit
// that the kernel ignores since Linux 2.4 (the number of file locks), so daemons are found that left their process group
// and parent, cleared their environment and closed their files. Who asks another process to start one is not found.
import { randomInt } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";

export interface Leftover {
  readonly pid: number;
  /** Name of its program. */
  readonly name: string;
}

/** A number that no other call has. */
export function newCallMark(): string {
  return String(markMin + randomInt(markMin));
}

const markMin = 2 ** 46;

/** A line for the shell that starts a call: dash and bash have other names for that limit. */
export function markingLine(mark: string): string {
  return `ulimit -S -w ${mark} 2>/dev/null || ulimit -S -x ${mark} 2>/dev/null`;
}

interface Origin {
  /** Part of an entry of the environment, and the soft limit of file locks. */
  readonly mark: string;
  readonly group: number;
}

/** Running processes of this machine of that origin. Empty where /proc does not exist. */
async function processesOf(origin: Origin): Promise<readonly Leftover[]> {
  const pids = (await readdir("/proc").catch(() => [])).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(pids.map((pid) => leftover(Number(pid), origin)));
  return found.filter((process) => process !== undefined);
}

async function leftover(pid: number, { mark, group }: Origin): Promise<Leftover | undefined> {
  if (pid === process.pid) return undefined;
  // It may end in between, or belong to another user.
  const read = async (name: string): Promise<string> =>
    await readFile(`/proc/${pid}/${name}`, "latin1").catch(() => "");
  const [, name = "", state = "Z", pgrp] = /^\d+ \((.*)\) (\S) \d+ (\d+)/s.exec(await read("stat")) ?? [];
  if (state === "Z") return undefined;
  const isMarked = async (): Promise<boolean> =>
    (await read("environ")).includes(mark) || new RegExp(`^Max file locks +${mark} `, "m").test(await read("limits"));
  const isOurs = Number(pgrp) === group || (await isMarked());
  return isOurs ? { pid, name } : undefined;
}

/** Sends SIGKILL to each of them, and to those that they started meanwhile. Returns all, by first sight. */
export async function endLeftovers(origin: Origin): Promise<readonly Leftover[]> {
  const ended = new Map<number, Leftover>();
  // Twice, because a process has no environment for the moment in which it becomes another program.
  let quietRounds = 0;
  for (let round = 0; round < roundsMax && quietRounds < quietRoundsMin; round++) {
    const running = await processesOf(origin);
    quietRounds = running.length === 0 ? quietRounds + 1 : 0;
    for (const process of running) {
      ended.set(process.pid, process);
      kill(process.pid);
    }
  }
  return [...ended.values()];
}

const quietRoundsMin = 2;
/** A program that forks faster than this is left to the reaper of its process group. */
const roundsMax = 50;

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has already ended.
  }
}
