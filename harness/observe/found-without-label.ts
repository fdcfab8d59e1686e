// FalkorDB may find a node by a label that it no longer has: `deleted-node-keeps-label` of the recorded defects.
import type { Connection } from "../falkordb/client/connection.ts";
import { isQuotable, quotedName } from "../falkordb/client/quoted-name.ts";

/** Number of nodes that a search for the label gives and that do not have it. A property of such a node cannot be read. */
export async function foundWithoutLabel(connection: Connection, graph: string, label: string): Promise<number> {
  if (!isQuotable(label)) return 0;
  const match = `MATCH (n:${quotedName(label)}) WHERE NOT $label IN labels(n) RETURN count(n)`;
  const { rows } = await connection.roQuery(graph, match, { label });
  return Number(rows[0]?.[0] ?? 0);
}
