// Processes that a program left running. Every process of a call inherits a mark twice, in its environment and as an open
// file, so daemons are found that left their process group and parent: whoever has another environment, another group and
// none of its inherited files open is not.
import { randomUUID } from "node:crypto";
import { closeSync, openSync, unlinkSync } from "node:fs";
import { readdir, readFile, readlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Leftover {
  readonly pid: number;
  /** Name of its program. */
  readonly name: string;
}

export interface CallMark extends Disposable {
  readonly id: string;
  /** An open file that no other process has, whose name holds the id. */
  readonly file: number;
}

export function newCallMark(): CallMark {
  const id = randomUUID();
  const path = join(tmpdir(), `falkordrill-call-${id}`);
  const file = openSync(path, "wx+", 0o600);
  unlinkSync(path);
  return { id, file, [Symbol.dispose]: () => closeSync(file) };
}

/** The number of the mark's file in every process of a call that did not close it. */
const markFile = 3;

interface Origin {
  /** Part of an entry of the environment, and of the name of an open file. */
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
  const held = async (): Promise<string> => await readlink(`/proc/${pid}/fd/${markFile}`).catch(() => "");
  const isOurs = Number(pgrp) === group || (await read("environ")).includes(mark) || (await held()).includes(mark);
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
