// What the writers directly on the engine left in a restored one, judged as one moment of their history.
import { judgeMomentOf, type MomentEvidence, type WrittenMoment } from "../../check/history/moments.ts";
import type { Engine } from "../../engine/engine.ts";
import { connect } from "../../falkordb/client/connection.ts";
import { graphsOfDatabase } from "../../falkordb/client/graphs-by-database.ts";
import type { EngineWriters } from "../../workload/engine-writers.ts";
import { observeKind } from "../../workload/observe-kind.ts";
import { readDrillHistoryInBatches } from "../../record/drill-history.ts";
import type { Drill } from "../drill.ts";

export interface MomentInput extends Omit<MomentEvidence, "seed" | "graphs" | "disasterMs"> {
  readonly kinds: readonly Pick<EngineWriters, "kind" | "graphs">[];
  readonly disasterMs: number | undefined;
}

export async function writtenMoment(drill: Drill, engine: Engine, input: MomentInput): Promise<WrittenMoment> {
  const { kinds, disasterMs, ...known } = input;
  await using connection = await connect(engine.endpoint);
  const there = new Set(await graphsOfDatabase(connection));
  const graphs = [];
  for (const { kind, graphs: its } of kinds)
    for (const graph of its) graphs.push(await observeKind(connection, graph, kind, there));
  const evidence: MomentEvidence = { ...known, seed: drill.seed, disasterMs: disasterMs ?? null, graphs };
  const judgement = await judgeMomentOf(() => readDrillHistoryInBatches(drill.directory, drill.id), evidence);
  return { evidence, judgement };
}
