// What the kernel reports about a process: processor time, start time, and the state of its threads.
import { readFileSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";

const tickMs = 10;

/** Processor time in milliseconds, fields 14 and 15 of /proc/<pid>/stat; undefined if the process has ended. */
export function cpuMsOf(pid: number): number | undefined {
  const fields = statOf(pid);
  return fields && (Number(fields[11]) + Number(fields[12])) * tickMs;
}

/** Start time (field 22), which distinguishes a process from a later one with its pid. Empty if it is unknown. */
export function startTimeOf(pid: number): string {
  return statOf(pid)?.[19] ?? "";
}

/** State of a process, such as S, R or T; empty if it is gone. */
export function stateOf(pid: number): string {
  return statOf(pid)?.[0] ?? "";
}

/** False also for a process that has ended and that its parent has not waited for, as in a container without an init. */
export function isRunning(pid: number): boolean {
  return !["", "Z", "X"].includes(stateOf(pid));
}

function statOf(pid: number): string[] | undefined {
  try {
    return fieldsOf(readFileSync(`/proc/${pid}/stat`, "latin1"));
  } catch {
    return undefined;
  }
}

/** One line per thread, such as "4711 redis-server S futex_wait_queue": id, name, state, kernel wait channel. */
export async function threadsOf(pid: number): Promise<readonly string[]> {
  const ids = await readdir(`/proc/${pid}/task`).catch(() => []);
  return await Promise.all(
    ids.map(async (id) => {
      const read = (name: string): Promise<string> =>
        readFile(`/proc/${pid}/task/${id}/${name}`, "latin1").catch(() => "");
      const [stat, place] = [await read("stat"), await read("wchan")];
      const name = stat.slice(stat.indexOf("(") + 1, stat.lastIndexOf(")"));
      return `${id} ${name} ${fieldsOf(stat)[0] ?? "?"} ${place === "" ? "?" : place}`;
    }),
  );
}

/** Fields from the state on; the name before it may contain blanks and brackets. */
function fieldsOf(stat: string): string[] {
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
}
