// Whether the source still holds its graphs after a backup. Every restore of that backup may be perfect, and the loss
// is the backup's own.
import type { Finding } from "../../check/check.ts";
import type { Endpoint } from "../../base/endpoint.ts";
import { formatCount } from "../../base/units.ts";
import { type Command, connect } from "../../falkordb/client/connection.ts";
import { decodeReply } from "../../falkordb/client/reply.ts";
import { graphsOfDatabase } from "../../falkordb/client/graphs-by-database.ts";

/** Number of nodes of each graph of the first database, by name. */
export type GraphSizes = ReadonlyMap<string, number>;

/** Writers go on during a backup, and some of them delete what they wrote: a smaller graph may become empty. */
const nodesMin = 100;

export async function graphSizes(endpoint: Endpoint): Promise<GraphSizes> {
  await using connection = await connect(endpoint);
  const graphs = await graphsOfDatabase(connection);
  const replies = await connection.pipeline(
    graphs.map((graph): Command => ["GRAPH.RO_QUERY", graph, "MATCH (n) RETURN count(n)", "--compact"]),
  );
  // One that is deleted meanwhile answers with an error.
  const count = (reply: unknown): number => (reply instanceof Error ? 0 : Number(decodeReply(reply).rows[0]?.[0]));
  return new Map(graphs.map((graph, at) => [graph, count(replies[at])]));
}

export function judgeSourceHeld(before: GraphSizes, after: GraphSizes): Finding[] {
  return [...before].flatMap(([graph, nodes]) => {
    const left = after.get(graph);
    if (left !== undefined && (left > 0 || nodes < nodesMin)) return [];
    const what = left === undefined ? "the graph is not there" : "the graph is empty";
    const message = `after the backup ${what} on the source; before it had ${formatCount(nodes)} nodes`;
    return {
      code: "source-changed",
      severity: "error",
      subject: graph,
      message,
      evidence: { before: nodes, after: left ?? null },
    };
  });
}
