// Adds the writers' graphs to the generated ones: which writes must be there follows from the history and the cut.
import type { Dataset } from "../../../generators/model.ts";
import { expectedContent } from "../../check/expect/expected.ts";
import type { Expectation } from "../../check/observation.ts";
import type { Engine } from "../../engine/engine.ts";
import { connect, type Connection } from "../../falkordb/client/connection.ts";
import { wholeList } from "../../falkordb/client/read-whole.ts";
import { expectedGraphs, type WrittenPlan } from "../../workload/history/expected-graph.ts";
import type { Span } from "../../check/history/moment.ts";
import {
  type EpisodeGraphs,
  type JudgedEpisodes,
  judgeWrites,
  type WritesEvidence,
  type WritesJudgement,
} from "../../workload/history/judge-writes.ts";
import { readEpisodes } from "../../record/drill-history.ts";
import type { Drill } from "../drill.ts";
import { graphsOfDatabase } from "../../falkordb/client/graphs-by-database.ts";

export interface WrittenContent {
  readonly judged: readonly JudgedEpisodes[];
  /** The generated and the written graphs. */
  readonly dataset: Dataset;
  readonly expectation: Expectation;
}

export interface WrittenInput extends Partial<Pick<WritesEvidence, "backup" | "fork" | "transfer">> {
  readonly dataset: Dataset;
  readonly expectation: Expectation;
  readonly episodes: readonly EpisodeGraphs[];
  readonly cut: Span | undefined;
  readonly disasterMs: number | undefined;
  /** Transports on which no pause held the writers at the cut. */
  readonly mayTear: ReadonlySet<EpisodeGraphs["through"]>;
}

export async function writtenContent(drill: Drill, engine: Engine, input: WrittenInput): Promise<WrittenContent> {
  const judged: JudgedEpisodes[] = [];
  for (const graphs of input.episodes) judged.push(await judgeEpisodes(drill, engine, graphs, input));
  const written: Dataset = {
    ...input.dataset,
    *graphs() {
      for (const { evidence, judgement } of judged) yield* graphsOf(evidence, judgement);
    },
  };
  const plans = new Map(
    judged.flatMap(({ evidence, judgement }) => graphsOf(evidence, judgement)).map((plan) => [plan.name, plan]),
  );
  const expectation = joined(input.expectation, await expectedContent(written, drill.signal), plans);
  const dataset: Dataset = {
    ...input.dataset,
    *graphs() {
      yield* input.dataset.graphs();
      yield* written.graphs();
    },
  };
  return { judged, dataset, expectation };
}

async function judgeEpisodes(
  drill: Drill,
  engine: Engine,
  { through, groups }: EpisodeGraphs,
  { cut, backup, fork, transfer, disasterMs, mayTear }: WrittenInput,
): Promise<JudgedEpisodes> {
  const evidence: WritesEvidence = {
    cut: cut ?? null,
    backup: backup ?? null,
    fork: fork ?? null,
    transfer: transfer ?? null,
    disasterMs: disasterMs ?? null,
    groups,
    mayTear: mayTear.has(through),
    ...(await readEpisodesBack(engine, groups)),
    source: { seed: drill.seed, dims: drill.dims, schema: drill.options.schema },
  };
  return { through, evidence, judgement: judgeWrites(await readEpisodes(drill.directory, drill.id), evidence) };
}

function graphsOf({ present, halfLabelled, source }: WritesEvidence, { kept, torn }: WritesJudgement): WrittenPlan[] {
  const there = { writes: torn, present: new Set(present), halfLabelled: new Set(halfLabelled) };
  return expectedGraphs(kept, source, there);
}

function joined(generated: Expectation, written: Expectation, plans: ReadonlyMap<string, WrittenPlan>): Expectation {
  const offset = generated.indexSets.length;
  return {
    ...generated,
    indexSets: [...generated.indexSets, ...written.indexSets],
    graphs: [
      ...generated.graphs,
      ...written.graphs.map((graph) => ({
        ...graph,
        indexSet: graph.indexSet + offset,
        brokenInvariants: { ...plans.get(graph.name)?.brokenInvariants },
        // FalkorDB 4.16 answers string ranges wrongly from its indexes, on the source as well. If the source was
        // observed at the same moment, that is known and excused; these graphs kept growing, so only = is queried.
        lookups: graph.lookups.filter((lookup) => lookup.operator === "="),
      })),
    ].toSorted((a, b) => (a.name < b.name ? -1 : 1)),
  };
}

type ReadBack = Pick<WritesEvidence, "present" | "halfLabelled" | "sagaEnds">;

export async function readEpisodesBack(engine: Engine, groups: readonly string[]): Promise<ReadBack> {
  await using connection = await connect(engine.endpoint);
  const there = new Set(await graphsOfDatabase(connection));
  const present: string[] = [];
  const halfLabelled: string[] = [];
  const sagaEnds: Record<string, string> = {};
  for (const group of groups.filter((name) => there.has(name))) {
    const uuids = (pattern: string): Promise<string[]> => uuidsOf(connection, group, pattern);
    present.push(...(await uuids("MATCH (x)")), ...(await uuids("MATCH ()-[x]->()")));
    halfLabelled.push(...(await uuids("MATCH (x:Entity) WHERE size(x.labels) > size(labels(x))")));
    for (const [saga, episode] of await wholeList(connection, group, "MATCH (s:Saga)", "s.uuid, s.last_episode_uuid"))
      if (typeof saga === "string") sagaEnds[saga] = typeof episode === "string" ? episode : "";
  }
  return { present, halfLabelled, sagaEnds };
}

async function uuidsOf(connection: Connection, graph: string, match: string): Promise<string[]> {
  const rows = await wholeList(connection, graph, match, "x.uuid");
  return rows.flatMap(([uuid]) => (typeof uuid === "string" ? [uuid] : []));
}
