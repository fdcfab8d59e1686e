// Tests whether a server accepts writes by one write to a graph of its own, which is removed at once. Done on restored
// targets, and on a source after its backup.
import type { Endpoint } from "../base/endpoint.ts";
import { errorMessage } from "../base/errors.ts";
import type { ServerState } from "../check/server-state.ts";
import { connect, NoAnswerError } from "../falkordb/client/connection.ts";
import { queryLogOf } from "../falkordb/client/query-log.ts";

const graph = "falkordrill-write-probe";
const mark = "written";
/** Milliseconds for the reply: a paused server, or one whose module hangs, never answers a write. */
const answerTimeoutMs = 60_000;

/** Writes on a connection of its own, because one that waits for such a reply is unusable. */
export async function tryWrite(
  endpoint: Endpoint,
  timeoutMs: number = answerTimeoutMs,
): Promise<NonNullable<ServerState["write"]>> {
  await using connection = await connect(endpoint, { commandTimeoutMs: timeoutMs });
  let isSilent = false;
  try {
    await connection.query(graph, "CREATE (:Probe {mark: $mark})", { mark });
    const { rows } = await connection.roQuery(graph, "MATCH (p:Probe) RETURN p.mark");
    if (rows.length === 1 && rows[0]?.[0] === mark) return { taken: true };
    return { taken: false, error: `the write was acknowledged, and ${rows.length} rows of it are there` };
  } catch (error) {
    isSilent = error instanceof NoAnswerError;
    return { taken: false, error: errorMessage(error) };
  } finally {
    // Absent where the write was refused.
    if (!isSilent) await connection.command("GRAPH.DELETE", graph).catch(() => {});
    if (!isSilent) await connection.command("DEL", queryLogOf(graph)).catch(() => {});
  }
}
