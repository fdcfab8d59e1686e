// Step 3, work: writers keep writing, episodes through the graph service and other kinds straight at the engine, through
// the backup and into the disaster.
import { waitFor } from "../../base/wait.ts";
import { type EngineWriters, startEngineWriters } from "../../workload/engine-writers.ts";
import type { HistorySink } from "../../workload/history-file.ts";
import { SummaryBuilder, type WorkloadSummary } from "../../workload/summary.ts";
import { notReached } from "../../workload/write-profile.ts";
import { type RunningWriters, startWriters } from "../../workload/writers.ts";
import type { CyclePlan } from "../cycle-plan.ts";
import { openDrillHistory } from "../drill-history.ts";
import type { Drill } from "../run-scenario.ts";
import type { Stage } from "./prepare.ts";

export interface Workload {
  readonly groups: readonly string[];
  /** Those that go straight at the engine. */
  readonly kinds: readonly EngineWriters[];
  /** Waits until more writes of every kind have been acknowledged than when it was called. */
  moreAcknowledged(when: string): Promise<void>;
  /** Gives the summary of those that went through the service, whom a pause holds. */
  stop(): Promise<WorkloadSummary>;
}

/** Graphs of their own, so that what the generator made and what the writers wrote are judged apart. */
const writerGraphs = ["drill-writers-a", "drill-writers-b"];
const defaultWritesPerSecond = 100;
const writesAwaited = 10;
const waitMs = 30_000;

export async function work(
  drill: Drill,
  plan: CyclePlan,
  stage: Stage,
  things: AsyncDisposableStack,
): Promise<Workload | undefined> {
  const { kinds: kindPlans = [] } = plan;
  if (plan.writers === 0 && kindPlans.length === 0) return undefined;
  const names = [
    ...(plan.writers === 0 ? [] : [`${plan.writers} through the service`]),
    ...kindPlans.map(({ kind }) => kind),
  ];
  drill.progress.step(`work: writers (${names.join(", ")})`);
  const history = things.use(openDrillHistory(drill.directory, drill.id));
  const groups = writerGraphs.slice(0, plan.writers);
  const episodes =
    plan.writers === 0 ? undefined : things.use(await startEpisodes(drill, plan, { stage, history, groups }));
  const kinds: EngineWriters[] = [];
  for (const kindPlan of kindPlans) {
    const graph = `drill-${kindPlan.kind}`;
    const options = { ...kindPlan, endpoint: stage.source.endpoint, graph, seed: drill.seed, history };
    kinds.push(things.use(await startEngineWriters(options)));
  }
  return {
    groups,
    kinds,
    moreAcknowledged: async (when) => {
      for (const running of [...(episodes === undefined ? [] : [episodes]), ...kinds]) {
        await moreOf(drill, running, when);
      }
      for (const running of kinds) noteReach(drill, running, when);
    },
    stop: async () => {
      const summaries = await Promise.all(kinds.map((running) => running.stop()));
      const acked = summaries.reduce((sum, summary) => sum + summary.acked, 0);
      if (kinds.length > 0) drill.record.metric("engineWritesAcknowledged", acked);
      return (await episodes?.stop()) ?? new SummaryBuilder().build();
    },
  };
}

interface EpisodesStage {
  readonly stage: Stage;
  readonly history: HistorySink;
  readonly groups: readonly string[];
}

async function startEpisodes(
  drill: Drill,
  { writers, writerRate = defaultWritesPerSecond }: CyclePlan,
  { stage, history, groups }: EpisodesStage,
): Promise<RunningWriters> {
  return await startWriters({
    service: stage.service,
    writers,
    rate: writerRate === "flat-out" ? undefined : writerRate,
    seed: drill.seed,
    history,
    groups,
    dims: drill.dims,
    schema: drill.options.schema,
  });
}

async function moreOf(drill: Drill, running: RunningWriters | EngineWriters, when: string): Promise<void> {
  const enough = running.acked + writesAwaited;
  await waitFor(() => running.acked >= enough || undefined, {
    what: `${writesAwaited} acknowledged ${"kind" in running ? `${running.kind} ` : ""}writes ${when}`,
    timeoutMs: waitMs,
    signal: drill.signal,
    exit: "inconclusive",
  });
}

/** A rate that this machine does not reach means that the drill did not do what it says. */
function noteReach(drill: Drill, running: EngineWriters, when: string): void {
  const { kind, profile } = running;
  const reach = running.reach();
  const why = notReached(profile, reach);
  if (why === undefined) return;
  drill.record.assumption("profile-not-reached", `${kind} writers, ${when}: ${why}`, { kind, profile, ...reach });
}
