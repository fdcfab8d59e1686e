// An engine has at most one child process at a time (a snapshot, a rewrite, the garbage collection of an index), and
// refuses or delays whatever needs another. A measurement and a cut begin when there is none.
import { address } from "../../base/endpoint.ts";
import type { ExitReason } from "../../base/errors.ts";
import { overOneConnection, waitFor } from "../../base/wait.ts";
import type { Connection } from "./connection.ts";

const fields = ["rdb_bgsave_in_progress", "aof_rewrite_in_progress", "module_fork_in_progress", "loading"];

export async function waitForIdleFork(
  connection: Connection,
  options: { readonly timeoutMs: number; readonly signal: AbortSignal; readonly exit: ExitReason },
): Promise<void> {
  const isQuiet = async (): Promise<true | undefined> => {
    const info = await connection.info("persistence");
    return fields.every((field) => (info[field] ?? "0") === "0") ? true : undefined;
  };
  const what = `the running BGSAVE, AOF rewrite or other fork of ${address(connection.endpoint)} to end`;
  await waitFor(overOneConnection(isQuiet), { what, ...options });
}
