// All checks of one moment over all graphs with writes, because they share one cut.
import { judgeChurn, indexOf } from "./churn.ts";
import type { Finding, Judgement } from "../check.ts";
import { judgeCounters } from "./counters.ts";
import { CutJudge, type CutJudgement } from "./cut.ts";
import { judgeHotEntity } from "./hot-entity.ts";
import { judgeLedger } from "./ledger.ts";
import { includes, type KindObservation, RangeBuilder, type Ranges, type SeenWrite, type Span } from "./moment.ts";
import { judgeRing } from "./ring.ts";
import { judgeTraces } from "./traces.ts";

/** Evidence of one moment, as plain JSON that is stored with a run. */
export interface MomentEvidence {
  readonly seed: number;
  /** Earliest and latest possible time of the cut. */
  readonly cut: Span;
  readonly backup: Span;
  /** Spans of the engine's fork and of the snapshot's transfer; null where unknown. */
  readonly fork?: Span | null;
  readonly transfer?: Span | null;
  readonly disasterMs: number | null;
  /** Bounds of the same cut from the episodes; null where they leave a side open. */
  readonly elsewhere?: { readonly fromMs: number | null; readonly toMs: number | null } | null;
  readonly graphs: readonly KindObservation[];
}

export interface MomentJudgement extends Judgement, Pick<CutJudgement, "loss" | "seenCut"> {}

/** State of one graph: what was read back, and what the history says about it so far. */
interface JudgedWrite {
  readonly observation: KindObservation;
  readonly isPresent: (write: SeenWrite) => boolean;
  readonly known: Map<string, RangeBuilder>;
  /** Labels whose index a write of the history requested. */
  readonly asked: Set<string>;
}

/** Reads a history twice, in memory that does not grow with its length. Ignores writes to other graphs. */
class MomentJudge {
  readonly #evidence: MomentEvidence;
  readonly #graphs: ReadonlyMap<string, JudgedWrite>;
  readonly #cut: CutJudge;

  constructor(evidence: MomentEvidence) {
    this.#evidence = evidence;
    this.#graphs = new Map(evidence.graphs.map((observation) => [observation.graph, judged(observation)]));
    const { cut, backup, fork = null, transfer = null, disasterMs, elsewhere } = evidence;
    this.#cut = new CutJudge({
      isPresent: (write) => this.#graphs.get(write.graph)?.isPresent(write) ?? false,
      cut,
      backup,
      fork,
      transfer,
      disasterMs: disasterMs ?? undefined,
      elsewhere: {
        fromMs: elsewhere?.fromMs ?? Number.NEGATIVE_INFINITY,
        toMs: elsewhere?.toMs ?? Number.POSITIVE_INFINITY,
      },
    });
  }

  look(write: SeenWrite): void {
    const graph = this.#graphs.get(write.graph);
    if (graph === undefined) return;
    this.#cut.look(write);
    const known = graph.known.get(write.writer) ?? new RangeBuilder();
    graph.known.set(write.writer, known);
    known.add(write.sequence);
    if (graph.observation.state.kind !== "churn") return;
    const index = indexOf(write);
    if (index !== undefined) graph.asked.add(index);
  }

  judge(write: SeenWrite): void {
    if (this.#graphs.has(write.graph)) this.#cut.judge(write);
  }

  result(): MomentJudgement {
    const whole = this.#cut.result();
    const findings: Finding[] = [...whole.findings];
    const witnesses: Record<string, number> = { ...whole.witnesses };
    for (const graph of this.#graphs.values()) {
      const known = new Map<string, Ranges>([...graph.known].map(([writer, { ranges }]) => [writer, ranges]));
      for (const judgement of [judgeTraces(graph.observation, known), judgeState(graph, this.#evidence.seed)]) {
        findings.push(...judgement.findings);
        for (const [name, value] of Object.entries(judgement.witnesses))
          witnesses[name] = (witnesses[name] ?? 0) + value;
      }
    }
    return { findings, witnesses, loss: whole.loss, seenCut: whole.seenCut };
  }
}

/** Both passes over a history in memory. */
export function judgeMoment(history: readonly SeenWrite[], evidence: MomentEvidence): MomentJudgement {
  const judge = new MomentJudge(evidence);
  for (const write of history) judge.look(write);
  for (const write of history) judge.judge(write);
  return judge.result();
}

function judged(observation: KindObservation): JudgedWrite {
  return { observation, isPresent: presenceIn(observation), known: new Map(), asked: new Set() };
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

function judgeState({ observation, asked }: JudgedWrite, seed: number): Judgement {
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
      return judgeChurn(observation, state, asked);
  }
}

export interface WrittenMoment {
  readonly evidence: MomentEvidence;
  readonly judgement: MomentJudgement;
}

/** Judges one moment in two passes over the stored history, which is not kept in memory. */
export async function judgeMomentOf(
  batches: () => AsyncIterable<readonly SeenWrite[]>,
  evidence: MomentEvidence,
): Promise<MomentJudgement> {
  const judge = new MomentJudge(evidence);
  for await (const records of batches()) for (const record of records) judge.look(record);
  for await (const records of batches()) for (const record of records) judge.judge(record);
  return judge.result();
}
