// Step 5, break: the disaster. The engine is killed without warning while writers write, and its data is removed; an
// external server cannot be killed, so it is flushed.
import { systemClock } from "../../base/clock.ts";
import type { WorkloadSummary } from "../../workload/history/summary.ts";
import type { CyclePlan } from "../cycle-plan.ts";
import { flushSource, killSource, recordFault } from "../proof/disaster.ts";
import type { Drill } from "../drill.ts";
import type { CycleSetup } from "./prepare.ts";
import type { Workload } from "./work.ts";

export interface Disaster {
  readonly atMs: number;
  readonly workload: WorkloadSummary | undefined;
}

export async function breakIt(
  drill: Drill,
  plan: CyclePlan,
  stage: CycleSetup,
  writers: Workload | undefined,
): Promise<Disaster> {
  const isOurs = stage.source.kind !== "external";
  const loss = isOurs ? "break: kill the source, wipe it" : "break: stop the writers, flush the source";
  drill.progress.step(plan.disaster === "none" ? "no disaster: the source lives on" : loss);
  await writers?.moreAcknowledged("after the backup");
  if (plan.disaster === "none") {
    const workload = await writers?.stop();
    return { atMs: systemClock.monotonicMs(), workload };
  }
  return await killAndWipe(drill, stage, writers);
}

/** Kills at once, without waiting for another write; synchronously if `pid` of the source is given. */
export async function killAndWipe(
  drill: Drill,
  stage: CycleSetup,
  writers: Workload | undefined,
  pid?: number,
): Promise<Disaster> {
  const { source } = stage;
  if (source.kind === "external") {
    // Writers would refill a flushed server immediately, and the restore would not find it empty.
    const workload = await writers?.stop();
    const atMs = systemClock.monotonicMs();
    drill.record.mark("disaster", atMs, "writers stopped, source flushed");
    recordFault(drill, await flushSource(source));
    return { atMs, workload };
  }
  const { atMs, ...fault } = await killSource(source, pid);
  drill.record.mark("disaster", atMs, "source killed and wiped");
  await source.wipe();
  recordFault(drill, { ...fault, fault: "kill-and-wipe" });
  const workload = await writers?.stop();
  return { atMs, workload };
}
