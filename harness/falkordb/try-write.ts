// Whether a server takes writes, found out by one: into a graph of its own, which is removed again at once. Only ever
// done on restored targets.
import { messageOf } from "../base/errors.ts";
import type { ServerState } from "../check/server-state.ts";
import type { Connection } from "./connection.ts";

const graph = "falkordrill-write-probe";
const mark = "written";

export async function tryWrite(connection: Connection): Promise<NonNullable<ServerState["write"]>> {
  try {
    await connection.query(graph, "CREATE (:Probe {mark: $mark})", { mark });
    const { rows } = await connection.roQuery(graph, "MATCH (p:Probe) RETURN p.mark");
    if (rows.length === 1 && rows[0]?.[0] === mark) return { taken: true };
    return { taken: false, error: `the write was acknowledged, and ${rows.length} rows of it are there` };
  } catch (error) {
    return { taken: false, error: messageOf(error) };
  } finally {
    // Not there where the write was refused. The module keeps its own record of queries under the second name.
    await connection.command("GRAPH.DELETE", graph).catch(() => {});
    await connection.command("DEL", `telemetry{${graph}}`).catch(() => {});
  }
}
