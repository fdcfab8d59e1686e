// Step 5, break: the disaster. The engine is killed without warning while writers write, and its data is gone.
import { systemClock } from "../../base/clock.ts";
import type { WorkloadSummary } from "../../workload/summary.ts";
import type { CyclePlan } from "../cycle-plan.ts";
import type { Drill } from "../run-scenario.ts";
import type { Stage } from "./prepare.ts";
import type { Workload } from "./work.ts";

export interface Disaster {
  readonly atMs: number;
  readonly workload: WorkloadSummary | undefined;
}

export async function breakIt(
  drill: Drill,
  plan: CyclePlan,
  stage: Stage,
  writers: Workload | undefined,
): Promise<Disaster> {
  drill.progress.step(
    plan.disaster === "none" ? "no disaster: the source lives on" : "break: kill the source, wipe it",
  );
  await writers?.moreAcknowledged("after the backup");
  if (plan.disaster === "none") {
    const workload = await writers?.stop();
    return { atMs: systemClock.monotonicMs(), workload };
  }
  return await strike(drill, stage, writers);
}

/** At once, without waiting for a write more. */
export async function strike(drill: Drill, stage: Stage, writers: Workload | undefined): Promise<Disaster> {
  const atMs = systemClock.monotonicMs();
  drill.record.mark("disaster", atMs, "source killed and wiped");
  if (stage.source.kind !== "external") await stage.source.kill();
  await stage.source.wipe();
  drill.directory.append("faults.jsonl", { scenario: drill.id, fault: "kill-and-wipe", fired: true, detail: {} });
  drill.record.witness("faultsFired", 1);
  const workload = await writers?.stop();
  return { atMs, workload };
}
