// With a limit on results a server drops rows without an error, and with a time limit it aborts queries. A restored
// target is read with its limits lifted, then restored; a source keeps them and is read in parts (read-whole.ts).
import type { Connection } from "./connection.ts";

export type Limit = readonly [name: string, value: number];

/** TIMEOUT cannot be changed while one of the two that replaced it is set. */
const off: readonly Limit[] = [
  ["TIMEOUT_MAX", 0],
  ["TIMEOUT_DEFAULT", 0],
  ["TIMEOUT", 0],
  ["QUERY_MEM_CAPACITY", 0],
  ["RESULTSET_SIZE", -1],
];

/** Current values of the limits that are in force, and of those in `others` that differ from it. */
export async function readLimits(connection: Connection, others: readonly Limit[] = []): Promise<readonly Limit[]> {
  const found: Limit[] = [];
  for (const [name, wanted] of [...off, ...others]) {
    // A version that does not know one has no such limit.
    const reply = await connection.command("GRAPH.CONFIG", "GET", name).catch((error: unknown) => {
      if (!String(error).includes("Unknown configuration field")) throw error;
      return [name, wanted];
    });
    const [, value] = reply as Limit;
    if (value !== wanted) found.push([name, value]);
  }
  return found;
}

/** Lifts the limits of queries and applies `others`; disposing restores what was changed. */
export async function liftLimits(connection: Connection, others: readonly Limit[] = []): Promise<AsyncDisposable> {
  const were = await readLimits(connection, others);
  const names = new Set(were.map(([name]) => name));
  for (const [name, value] of [...off, ...others])
    if (names.has(name)) await connection.command("GRAPH.CONFIG", "SET", name, value);
  // The server may be gone, which is reported elsewhere.
  return { [Symbol.asyncDispose]: () => setLimits(connection, were).catch(() => {}) };
}

/** TIMEOUT goes first, because it is refused together with the others; and a default may not exceed the maximum. */
export async function setLimits(connection: Connection, limits: readonly Limit[]): Promise<void> {
  const [old, others] = [limits.filter(([name]) => name === "TIMEOUT"), limits.filter(([name]) => name !== "TIMEOUT")];
  for (const [name, value] of [...old, ...others]) await connection.command("GRAPH.CONFIG", "SET", name, value);
}
