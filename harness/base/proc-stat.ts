// What the kernel tells of a process: its processor time, when it was started, and what its threads are doing.
import { readFileSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";

const tickMs = 10;

/** User and system time, fields 14 and 15 of /proc/<pid>/stat; undefined where it has ended. */
export function cpuMsOf(pid: number): number | undefined {
  const fields = statOf(pid);
  return fields && (Number(fields[11]) + Number(fields[12])) * tickMs;
}

/** Field 22: with it a pid names one process and never a later one. Empty where there is no such process, or no /proc. */
export function startTimeOf(pid: number): string {
  return statOf(pid)?.[19] ?? "";
}

function statOf(pid: number): string[] | undefined {
  try {
    return fieldsOf(readFileSync(`/proc/${pid}/stat`, "latin1"));
  } catch {
    return undefined;
  }
}

/** One line a thread, such as "4711 redis-server S futex_wait_queue": id, name, state, where in the kernel it waits. */
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

/** From the state on; the name before it may hold blanks and brackets. */
function fieldsOf(stat: string): string[] {
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
}
