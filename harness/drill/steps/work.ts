// Step 3, work: writers keep writing during the backup and up to the disaster: episodes through the graph service or
// directly to the engine, and other kinds directly to the engine.
import { systemClock } from "../../base/clock.ts";
import { waitFor } from "../../base/wait.ts";
import { type EngineWriters, startEngineWriters } from "../../workload/engine-writers.ts";
import type { HistorySink } from "../../workload/history/history-file.ts";
import { SummaryBuilder, type WorkloadSummary } from "../../workload/history/summary.ts";
import { notReached, type WriteProfile } from "../../workload/write-profile.ts";
import { type RunningWriters, startWriters } from "../../workload/writers.ts";
import { untilAcknowledged } from "../setup/acknowledged.ts";
import type { CyclePlan } from "../cycle-plan.ts";
import type { Drill } from "../drill.ts";
import { slownessOf } from "../run/slowness.ts";
import { openDrillHistory } from "../../record/drill-history.ts";
import type { CycleSetup } from "./prepare.ts";
import { mustBeFast, mustReachShare } from "./writing-rate.ts";

export interface Workload {
  readonly episodes: readonly EpisodeWriters[];
  /** Writers of other kinds, directly on the engine. */
  readonly kinds: readonly EngineWriters[];
  /** Waits until more writes of every kind have been acknowledged than when it was called. */
  moreAcknowledged(when: string): Promise<void>;
  /** Returns the summary of the writers through the service, which a pause holds. */
  stop(): Promise<WorkloadSummary>;
}

interface EpisodeWriters {
  readonly through: "service" | "engine";
  /** Separate graphs, so that generated and written content are judged separately. */
  readonly groups: readonly string[];
  readonly running: RunningWriters;
}

const defaultProfile: WriteProfile = { kind: "constant", perSecond: 100 };
const writesAwaited = 10;
/** Timeouts in milliseconds; multiplied by how slow the machine is. */
const waitMs = 30_000;
const firstWriteMs = 15_000;
export async function work(
  drill: Drill,
  plan: CyclePlan,
  stage: CycleSetup,
  resources: AsyncDisposableStack,
): Promise<Workload | undefined> {
  const { kinds: kindPlans = [], directEpisodes, windowMs = 0 } = plan;
  const names = [
    ...(plan.writers === 0 ? [] : [`${plan.writers} through the service`]),
    ...(directEpisodes === undefined ? [] : ["episodes straight at the engine"]),
    ...kindPlans.map(({ kind }) => kind),
  ];
  if (names.length === 0) return undefined;
  drill.progress.step(`work: writers (${names.join(", ")})`);
  const history = resources.use(openDrillHistory(drill.directory, drill.id));
  const episodes = await startEpisodes(drill, plan, { stage, history, resources });
  const kinds: EngineWriters[] = [];
  for (const kindPlan of kindPlans) {
    const graph = `drill-${kindPlan.kind}`;
    const options = { ...kindPlan, endpoint: stage.source.endpoint, graph, seed: drill.seed, history };
    kinds.push(resources.use(await startEngineWriters(options)));
  }
  return {
    episodes,
    kinds,
    moreAcknowledged: async (when) => {
      const startMs = systemClock.monotonicMs();
      for (const { running, through } of episodes) await moreOf(drill, running, `episodes by the ${through} ${when}`);
      for (const running of kinds) await moreOf(drill, running, `${running.kind} writes ${when}`);
      await waitFor(() => systemClock.monotonicMs() - startMs >= windowMs || undefined, {
        exit: "inconclusive",
        what: `${windowMs} ms of writing ${when}`,
        timeoutMs: windowMs + waitMs * slownessOf(drill),
        signal: drill.signal,
      });
      if (plan.faultsStopWriters === true) return;
      const all = [...episodes.map(({ running }) => running), ...kinds];
      mustBeFast(drill.record, all, when);
      const named = [
        ...episodes.map(({ running, through }) => [running, `episodes by the ${through}, ${when}`] as const),
        ...kinds.map((running) => [running, `${running.kind} writers, ${when}`] as const),
      ];
      for (const [running, who] of named) noteReach(drill, running, who);
      if (plan.profileShareMin !== undefined) mustReachShare(drill.record, all, when, plan.profileShareMin);
    },
    stop: async () => {
      const direct = [
        ...kinds,
        ...episodes.filter(({ through }) => through === "engine").map(({ running }) => running),
      ];
      const summaries = await Promise.all(direct.map((running) => running.stop()));
      const acked = summaries.reduce((sum, summary) => sum + summary.acked, 0);
      if (direct.length > 0) drill.record.metric("engineWritesAcknowledged", acked);
      const service = episodes.find(({ through }) => through === "service");
      return (await service?.running.stop()) ?? new SummaryBuilder().build();
    },
  };
}

interface EpisodesStage {
  readonly stage: CycleSetup;
  readonly history: HistorySink;
  readonly resources: AsyncDisposableStack;
}

async function startEpisodes(
  drill: Drill,
  plan: CyclePlan,
  { stage, history, resources }: EpisodesStage,
): Promise<EpisodeWriters[]> {
  const { writers, writerProfile, writerGraphs = 2, directEpisodes } = plan;
  const startTimeoutMs = firstWriteMs * slownessOf(drill);
  const common = { seed: drill.seed, history, dims: drill.dims, schema: drill.options.schema, startTimeoutMs };
  const found: EpisodeWriters[] = [];
  if (writers > 0) {
    const groups = names("drill-writers", Math.min(writers, writerGraphs));
    const profile = writerProfile ?? defaultProfile;
    const running = await startWriters({ ...common, service: stage.service, writers, profile, groups });
    found.push({ through: "service", groups, running: resources.use(running) });
  }
  if (directEpisodes !== undefined) {
    const groups = names("drill-direct", Math.min(directEpisodes.writers, writerGraphs));
    const running = await startWriters({ ...common, ...directEpisodes, engine: stage.source.endpoint, groups });
    found.push({ through: "engine", groups, running: resources.use(running) });
  }
  return found;
}

function names(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, number) => `${prefix}-${number}`);
}

async function moreOf(drill: Drill, running: RunningWriters | EngineWriters, what: string): Promise<void> {
  const timeoutMs = waitMs * slownessOf(drill);
  const awaited = { more: writesAwaited, what: `${writesAwaited} acknowledged ${what}`, timeoutMs };
  await untilAcknowledged(drill, running, awaited);
}

function noteReach({ record, id }: Drill, running: RunningWriters | EngineWriters, who: string): void {
  const { profile } = running;
  const reach = running.reach();
  const why = notReached(profile, reach);
  if (why === undefined) return;
  const evidence = { profile, ...reach };
  record.finding({
    code: "profile-not-reached",
    severity: "info",
    subject: id,
    message: `${who}: ${why}`,
    evidence,
  });
}
