// All checks of one moment over all graphs of writes together: the cut is the same for all of them.
import { judgeChurn, indexOf } from "./churn.ts";
import type { Finding, Judgement } from "./check.ts";
import { judgeCounters } from "./counters.ts";
import { judgeCut, type CutJudgement } from "./cut.ts";
import { judgeHotEntity } from "./hot-entity.ts";
import { judgeLedger } from "./ledger.ts";
import { includes, type KindObservation, type SeenWrite, type Span } from "./moment.ts";
import { judgeRing } from "./ring.ts";
import { judgeTraces } from "./traces.ts";

/** Plain JSON, stored with a run. */
export interface MomentEvidence {
  readonly seed: number;
  /** When the cut was, at the earliest and at the latest. */
  readonly cut: Span;
  readonly backup: Span;
  readonly disasterMs: number | null;
  readonly graphs: readonly KindObservation[];
}

export interface MomentJudgement extends Judgement, Pick<CutJudgement, "loss" | "seenCut"> {}

/** `history` may hold writes of other graphs; they are left alone. */
export function judgeMoment(history: Iterable<SeenWrite>, evidence: MomentEvidence): MomentJudgement {
  const { cut, backup, graphs, seed } = evidence;
  const byGraph = new Map(graphs.map((observation) => [observation.graph, presenceIn(observation)]));
  const writes = [...history].filter(({ graph }) => byGraph.has(graph));
  const isPresent = (write: SeenWrite): boolean => byGraph.get(write.graph)?.(write) ?? false;
  const whole = judgeCut({ writes, isPresent, cut, backup, disasterMs: evidence.disasterMs ?? undefined });
  const findings: Finding[] = [...whole.findings];
  const witnesses: Record<string, number> = { ...whole.witnesses };
  for (const observation of graphs) {
    for (const judgement of [judgeTraces(observation, writes), judgeState(observation, seed, writes)]) {
      findings.push(...judgement.findings);
      for (const [name, value] of Object.entries(judgement.witnesses)) witnesses[name] = (witnesses[name] ?? 0) + value;
    }
  }
  return { findings, witnesses, loss: whole.loss, seenCut: whole.seenCut };
}

function presenceIn({ traces, state }: KindObservation): (write: SeenWrite) => boolean {
  const traced = ({ writer, sequence }: SeenWrite): boolean => includes(traces[writer] ?? [], sequence);
  if (state.kind !== "churn") return traced;
  const indexes = new Set(state.indexes);
  return (write) => {
    const index = indexOf(write);
    return index === undefined ? traced(write) : indexes.has(index);
  };
}

function judgeState(observation: KindObservation, seed: number, writes: readonly SeenWrite[]): Judgement {
  const { state } = observation;
  switch (state.kind) {
    case "ledger":
      return judgeLedger(observation, state, seed);
    case "ring":
      return judgeRing(observation, state);
    case "counter":
      return judgeCounters(observation, state, seed);
    case "hot-entity":
      return judgeHotEntity(observation, state, seed);
    case "churn":
      return judgeChurn(observation, state, writes);
  }
}
