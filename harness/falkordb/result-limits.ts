// With a limit on results a server leaves rows out without an error, and with one on time it ends queries. A restored
// target is read without its limits, which it gets back; a source keeps them, and is read in parts (read-whole.ts).
import type { Connection } from "./connection.ts";

const limitsOff: readonly (readonly [name: string, off: number])[] = [
  ["TIMEOUT_MAX", 0],
  ["TIMEOUT_DEFAULT", 0],
  ["TIMEOUT", 0],
  ["QUERY_MEM_CAPACITY", 0],
  ["RESULTSET_SIZE", -1],
];

/** Takes the limits of queries off, and sets `others` beside them; disposing sets back what was changed. */
export async function liftLimits(
  connection: Connection,
  others: readonly (readonly [name: string, value: number])[] = [],
): Promise<AsyncDisposable> {
  const set = async (name: string, value: number): Promise<void> => {
    await connection.command("GRAPH.CONFIG", "SET", name, value);
  };
  const changed: [name: string, value: number][] = [];
  for (const [name, wanted] of [...limitsOff, ...others]) {
    const value = await valueOf(connection, name);
    if (value === wanted) continue;
    await set(name, wanted);
    changed.push([name, value]);
  }
  return {
    [Symbol.asyncDispose]: async () => {
      // In the same order: a default may not be above the maximum. The server may be gone, which is told elsewhere.
      for (const [name, value] of changed) await set(name, value).catch(() => {});
    },
  };
}

async function valueOf(connection: Connection, name: string): Promise<number> {
  const [, value] = (await connection.command("GRAPH.CONFIG", "GET", name)) as [string, number];
  return value;
}
