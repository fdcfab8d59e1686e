// Reads which of the acknowledged episodes the source holds.
import type { Engine } from "../../engine/engine.ts";
import { connect } from "../../falkordb/client/connection.ts";
import { readEpisodes } from "../../record/drill-history.ts";
import { type HeldJudgement, judgeHeld } from "../../workload/history/judge-held.ts";
import type { Drill } from "../drill.ts";
import { graphsOfDatabase } from "../../falkordb/client/graphs-by-database.ts";

/** Short enough for any limit on the time of a query. */
const uuidsPerQuery = 500;

/** Judges all acknowledged episodes of the history so far; an application that stores later must have done so. */
export async function proveHeld({ directory, id }: Drill, source: Engine): Promise<HeldJudgement> {
  const history = await readEpisodes(directory, id);
  const uuids = Map.groupBy(history, ({ graph }) => graph);
  await using connection = await connect(source.endpoint);
  const there = new Set(await graphsOfDatabase(connection));
  const present = new Set<string>();
  for (const [graph, writes] of uuids)
    for (let start = 0; there.has(graph) && start < writes.length; start += uuidsPerQuery) {
      const asked = writes.slice(start, start + uuidsPerQuery).map(({ uuid }) => uuid);
      const cypher = "MATCH (e:Episodic) WHERE e.uuid IN $asked RETURN collect(e.uuid)";
      const [[found = []] = []] = (await connection.roQuery(graph, cypher, { asked })).rows;
      for (const uuid of found as string[]) present.add(uuid);
    }
  return judgeHeld(history, present);
}
