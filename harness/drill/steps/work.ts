// Step 3, work: writers keep writing episodes through the graph service, through the backup and into the disaster.
import { waitFor } from "../../base/wait.ts";
import type { WorkloadSummary } from "../../workload/summary.ts";
import { startWriters } from "../../workload/writers.ts";
import type { CyclePlan } from "../cycle-plan.ts";
import { openDrillHistory } from "../drill-history.ts";
import type { Drill } from "../run-scenario.ts";
import type { Stage } from "./prepare.ts";

export interface Workload {
  readonly groups: readonly string[];
  /** Waits until more writes have been acknowledged than when it was called. */
  moreAcknowledged(when: string): Promise<void>;
  stop(): Promise<WorkloadSummary>;
}

/** Graphs of their own, so that what the generator made and what the writers wrote are judged apart. */
const writerGraphs = ["drill-writers-a", "drill-writers-b"];
const writesPerSecond = 100;
const writesAwaited = 10;
const waitMs = 30_000;

export async function work(
  drill: Drill,
  plan: CyclePlan,
  stage: Stage,
  things: AsyncDisposableStack,
): Promise<Workload | undefined> {
  if (plan.writers === 0) return undefined;
  drill.progress.step(`work: ${plan.writers} writers`);
  const history = things.use(openDrillHistory(drill.directory, drill.id));
  const groups = writerGraphs.slice(0, plan.writers);
  const running = things.use(
    await startWriters({
      service: stage.service,
      writers: plan.writers,
      rate: writesPerSecond,
      seed: drill.seed,
      history,
      groups,
      dims: drill.dims,
      schema: drill.options.schema,
    }),
  );
  return {
    groups,
    moreAcknowledged: async (when) => {
      const enough = running.acked + writesAwaited;
      await waitFor(() => running.acked >= enough || undefined, {
        what: `${writesAwaited} acknowledged writes ${when}`,
        timeoutMs: waitMs,
        signal: drill.signal,
        exit: "inconclusive",
      });
    },
    stop: () => running.stop(),
  };
}
