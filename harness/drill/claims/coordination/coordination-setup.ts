// The common start and end of every coordination drill: writers at work on a real setup, and finally the proof that the
// last backup restores what it must.
import { errorMessage } from "../../../base/errors.ts";
import { adminClient, type AdminClient } from "../../../service/admin-client.ts";
import type { WriteCoordinator } from "../../../service/coordinator.ts";
import type { BackupRequest } from "../../../system/system.ts";
import { type CyclePlan, fullCyclePlan } from "../../cycle-plan.ts";
import type { Drill } from "../../drill.ts";
import type { Backup } from "../../steps/back-up.ts";
import { breakIt, type Disaster } from "../../steps/break-it.ts";
import { type Content, generate } from "../../steps/generate.ts";
import { measure } from "../../steps/measure.ts";
import { prepare, type CycleSetup } from "../../steps/prepare.ts";
import { prove } from "../../steps/prove.ts";
import { report } from "../../steps/report.ts";
import { restore } from "../../steps/restore.ts";
import { work, type Workload } from "../../steps/work.ts";
import { judgeRefused } from "./judge.ts";

export interface CoordinationSetup {
  readonly plan: CyclePlan;
  readonly stage: CycleSetup;
  readonly content: Content;
  readonly writers: Workload;
  readonly admin: AdminClient;
  /** Graphs that the writers write to. */
  readonly groups: readonly [string, ...string[]];
}

/** Starts writers as in a cycle; the scenario itself decides what happens to the backups taken meanwhile. */
export async function openCoordinationSetup(drill: Drill, resources: AsyncDisposableStack): Promise<CoordinationSetup> {
  const plan: CyclePlan = { ...fullCyclePlan, rawLimits: false, faultsStopWriters: true };
  const stage = await prepare(drill, plan, resources);
  const content = await generate(drill, plan, stage);
  const writers = await work(drill, plan, stage, resources);
  if (writers === undefined) throw new Error("a scene needs writers");
  const { url, token } = stage.service;
  const [first, ...more] = writers.episodes.flatMap(({ groups }) => groups);
  if (first === undefined) throw new Error("writers without a graph");
  return {
    plan,
    stage,
    content,
    writers,
    groups: [first, ...more],
    admin: adminClient({ url, token, holder: drill.id }),
  };
}

/** Runs the second half of a cycle: the disaster, the restore from this backup, and the proof. */
export async function restoreAndProve(drill: Drill, scene: CoordinationSetup, backup: Backup): Promise<void> {
  const disaster = await breakIt(drill, scene.plan, scene.stage, scene.writers);
  await proveBackup(drill, scene, backup, disaster);
  report(drill, scene.plan, scene.content, backup);
}

export async function proveBackup(
  drill: Drill,
  { plan, stage, content, writers }: CoordinationSetup,
  backup: Backup,
  disaster: Disaster,
  subject?: string,
): Promise<void> {
  await using resources = new AsyncDisposableStack();
  const restored = await restore(drill, plan, { stage, content, backup, disaster }, resources);
  const proof = await prove(drill, plan, { stage, content, backup, disaster, restored, writers, subject });
  if (subject === undefined) await measure(drill, { content, backup, disaster, restored, proof });
}

/** Runs a backup that must fail, and returns the error it failed with. */
export async function expectBackupRefused(
  drill: Drill,
  { stage }: CoordinationSetup,
  why: string,
  request: { readonly coordinator?: WriteCoordinator; readonly progress?: BackupRequest["progress"] },
): Promise<Error> {
  const { coordinator = stage.coordinator, progress = drill.progress } = request;
  const before = new Set((await stage.system.list()).map(({ id }) => id));
  const outcome = await stage.system
    .backup({ source: stage.source, coordinator, progress, signal: drill.signal })
    .catch((error: unknown) => (error instanceof Error ? error : new Error(errorMessage(error))));
  drill.signal.throwIfAborted();
  const after = (await stage.system.list()).map(({ id }) => id);
  const made = after.filter((id) => !before.has(id));
  const error = outcome instanceof Error ? outcome : undefined;
  const findings = judgeRefused(why, made, error);
  for (const finding of findings) drill.record.finding(finding);
  drill.record.witness("backupsRefused", findings.length === 0 ? 1 : 0);
  return error ?? new Error("it reported success");
}
