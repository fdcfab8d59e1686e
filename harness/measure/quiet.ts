// An engine has at most one child process at a time (a snapshot, a rewrite, the garbage collection of an index), and
// refuses or delays whatever needs another. A measurement begins when there is none.
import { waitFor } from "../base/wait.ts";
import type { Endpoint } from "../engine/engine.ts";
import { address, connect } from "../falkordb/connection.ts";

const timeoutMs = 120_000;

export async function untilQuiet(endpoint: Endpoint, signal: AbortSignal): Promise<void> {
  await using connection = await connect(endpoint);
  const isQuiet = async (): Promise<true | undefined> => {
    const info = await connection.info("persistence");
    const fields = ["rdb_bgsave_in_progress", "aof_rewrite_in_progress", "module_fork_in_progress"];
    return fields.every((field) => (info[field] ?? "0") === "0") ? true : undefined;
  };
  const what = `the child process of ${address(endpoint)} to end`;
  await waitFor(isQuiet, { what, timeoutMs, signal, exit: "inconclusive" });
}
