// A server with an append-only file loads that file and no RDB. So data that came to it from an RDB, or over the wire,
// outlives a restart only once the file has been written anew.
import { DrillError, environmentError } from "../base/errors.ts";
import { FatalProbeError, waitFor } from "../base/wait.ts";
import type { Connection } from "../falkordb/client/connection.ts";

export interface AppendOnlyWait {
  /** Server name used in messages. */
  readonly name: string;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Whether the server is the target of a restore, which has failed then; else it is one of this program's own. */
  readonly isTarget?: boolean;
}

/** Whether a setting of redis, such as appendonly, is switched on; redis takes it in any case. */
export function isOn(setting: string | undefined): boolean {
  return setting?.toLowerCase() === "yes";
}

/** Waits until the append-only file holds all data; returns at once if the server has none. */
export async function untilAppendOnlyHolds(
  connection: Connection,
  { name, timeoutMs, signal, isTarget = false }: AppendOnlyWait,
): Promise<void> {
  const isWritten = async (): Promise<true | undefined> => {
    const info = await connection.info("persistence");
    if (info["aof_enabled"] !== "1") return true;
    const isForked = info["aof_rewrite_in_progress"] === "1" || info["rdb_bgsave_in_progress"] === "1";
    // After a failed rewrite the next one is scheduled at once, and fails like the first.
    if (!isForked && info["aof_last_bgrewrite_status"] !== "ok") throw new FatalProbeError(notWritten(name, isTarget));
    if (isForked || info["aof_rewrite_scheduled"] === "1") return undefined;
    return true;
  };
  const what = `${name} to write its append-only file`;
  await waitFor(isWritten, { what, timeoutMs, signal, exit: isTarget ? "notRecovered" : "environment" });
}

function notWritten(name: string, isTarget: boolean): DrillError {
  const message = `${name} could not write its append-only file, so a restart would lose what it holds`;
  const hint = "Its log says why. FalkorDB needs aof-use-rdb-preamble yes, and the disk needs room for the file.";
  return isTarget
    ? new DrillError(message, { exit: "notRecovered", code: "target-unfit", hint })
    : environmentError(message, hint);
}
