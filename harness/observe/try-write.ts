// Whether a server takes writes, found out by one: into a graph of its own, which is removed again at once. Done on restored
// targets, and on a source when its backup is over.
import type { Endpoint } from "../base/endpoint.ts";
import { errorMessage } from "../base/errors.ts";
import type { ServerState } from "../check/server-state.ts";
import { connect, NoAnswerError } from "../falkordb/client/connection.ts";

const graph = "falkordrill-write-probe";
const mark = "written";
/** A server may leave a write without an answer for ever: it is paused, or its module hangs. */
const answerTimeoutMs = 60_000;

/** On a connection of its own: one that waits for such an answer is of no more use. */
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
    // Not there where the write was refused. The module keeps its own record of queries under the second name.
    if (!isSilent) await connection.command("GRAPH.DELETE", graph).catch(() => {});
    if (!isSilent) await connection.command("DEL", `telemetry{${graph}}`).catch(() => {});
  }
}
