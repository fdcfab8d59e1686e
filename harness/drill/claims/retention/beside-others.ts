// A prune during a backup and during a restore: each either waits, is refused with a message, or does not harm the
// other.
import { DrillError } from "../../../base/errors.ts";
import type { PruneOutcome } from "../../../system/retention-request.ts";
import type { Drill } from "../../drill.ts";
import {
  backUpState,
  type RetentionSetup,
  mustList,
  prepareRetention,
  proveState,
  pruneBy,
  withStep,
} from "./retention-setup.ts";

export async function provesPruneBesideOthers(drill: Drill): Promise<void> {
  await using resources = new AsyncDisposableStack();
  const ground = await prepareRetention(drill, resources);
  if (ground.system.prune === undefined) {
    drill.record.notCovered(`retention: the ${ground.system.name} system has no prune`);
    return;
  }
  const [old, second] = [await backUpState(ground, 1), await backUpState(ground, 2)];
  const [, third] = await besideOnce(ground, "stream", async (drilled) => await backUpState(drilled, 3));
  drill.record.witness("prunesBesideBackup", 1);
  await proveState(ground, third.id, 3);
  // The rules would remove the backup that is being restored, and the second one with it.
  const point = (await ground.system.list()).some(({ id }) => id === old.id) ? old : second;
  const state = point === old ? 1 : 2;
  await besideOnce(ground, "check", async (drilled) => await proveState(drilled, point.id, state));
  drill.record.witness("prunesBesideRestore", 1);
  if ((await pruneBy(ground, { last: 1 })) !== undefined)
    await mustList(ground, new Set([third.id]), "the newest backup alone, after the last prune");
  drill.record.requireWitnesses("prunesBesideBackup", "prunesBesideRestore", "pointsPruned", "statesProven");
}

/** Runs `work`, and a prune that starts when the work reaches this step. */
async function besideOnce<T>(
  ground: RetentionSetup,
  step: string,
  work: (ground: RetentionSetup) => Promise<T>,
): Promise<readonly [PruneOutcome | undefined, T]> {
  const { drill } = ground;
  let beside: Promise<PruneOutcome | undefined> | undefined;
  const onStep = (name: string): void => {
    drill.progress.step(name);
    if (name === step) beside ??= pruneOrRefused(ground);
  };
  const worked = await work({ ...ground, drill: { ...drill, progress: withStep(drill.progress, onStep) } });
  if (beside === undefined)
    drill.record.assumption("no-prune-beside", `the system never came to the step "${step}", so nothing ran beside it`);
  return [await beside, worked];
}

async function pruneOrRefused({ drill, system }: RetentionSetup): Promise<PruneOutcome | undefined> {
  const { progress, signal } = drill;
  try {
    return await system.prune?.({ rules: { last: 1 }, zone: "UTC", dryRun: false, progress, signal });
  } catch (error) {
    // Refused with a message: the lock of the other process is the reason.
    const reason = error instanceof DrillError ? error.cause : undefined;
    if (!(reason instanceof DrillError) || reason.exit !== "environment") throw error;
    drill.record.witness("prunesRefused", 1);
    return undefined;
  }
}
