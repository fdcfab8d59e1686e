// What the writers that went straight at the engine left in a restored one, judged as one moment of their history.
import { judgeMoment, type MomentEvidence, type MomentJudgement } from "../check/moments.ts";
import type { Engine } from "../engine/engine.ts";
import { connect } from "../falkordb/connection.ts";
import type { EngineWriters } from "../workload/engine-writers.ts";
import { observeKind } from "../workload/observe-kind.ts";
import { throughput } from "../workload/throughput.ts";
import { readDrillHistory } from "./drill-history.ts";
import type { Drill } from "./run-scenario.ts";

export interface WrittenMoment {
  readonly evidence: MomentEvidence;
  readonly judgement: MomentJudgement;
}

export interface MomentInput extends Pick<MomentEvidence, "cut" | "backup"> {
  readonly kinds: readonly Pick<EngineWriters, "kind" | "graph">[];
  readonly disasterMs: number | undefined;
}

export async function writtenMoment(drill: Drill, engine: Engine, input: MomentInput): Promise<WrittenMoment> {
  const { kinds, cut, backup, disasterMs } = input;
  await using connection = await connect(engine.endpoint);
  const graphs = [];
  for (const { kind, graph } of kinds) graphs.push(await observeKind(connection, graph, kind));
  const evidence: MomentEvidence = { seed: drill.seed, cut, backup, disasterMs: disasterMs ?? null, graphs };
  const history = await Array.fromAsync(readDrillHistory(drill.directory, drill.id));
  const rates = throughput(history, backup, disasterMs);
  for (const [window, perSecond] of Object.entries(rates)) drill.record.metric(`writesPerSecond-${window}`, perSecond);
  return { evidence, judgement: judgeMoment(history, evidence) };
}
