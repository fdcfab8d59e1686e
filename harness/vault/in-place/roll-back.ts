// Brings back what the target held before a restore in place, whatever step of that failed. What is still there is left
// there; else the safety snapshot is restored. Either way the fingerprint is compared, before anybody may write.
import { address } from "../../base/endpoint.ts";
import { DrillError, errorMessage } from "../../base/errors.ts";
import { passPoint } from "../../base/process/crash-point.ts";
import type { Engine } from "../../engine/engine.ts";
import { restoreLeftSettings } from "../backup/override-settings.ts";
import { restoreBackup } from "../restore/restore.ts";
import { fingerprintOf, holdTarget, type InPlaceRun, recordRestored, withTarget } from "./in-place-run.ts";
import type { JournalEntry } from "./journal.ts";
import { rollBackCommand } from "./open-restores.ts";
import { markOfAnother, openGate } from "../restore/write-gate.ts";

/** How long a rollback may take; it is not ended by what ended the restore. */
export const rollBackTimeoutMs: number = 4 * 3_600_000;

/** Step of the journal in which the server takes writes again: everything that it held is back. */
export const reopening = "open after a rollback";

export type RolledBack =
  | { readonly isBack: true; readonly words: string; readonly fingerprint: string | undefined }
  | { readonly isBack: false; readonly words: string };

export async function rollBack(run: InPlaceRun): Promise<RolledBack> {
  const { request, journal } = run;
  const { mark, gate, safety, step } = journal.entry;
  const where = address(request.target.endpoint);
  const signal = AbortSignal.timeout(rollBackTimeoutMs);
  if (!journal.isTakenOver && ["begin", "beside", "pause"].includes(step)) {
    await journal.writeBack().catch(() => {});
    return { isBack: true, fingerprint: undefined, words: `${where} was not touched${earlierIn(journal.entry)}` };
  }
  request.progress.step("roll back");
  // One that does not answer is waited for below.
  const another = await withTarget(request.target, (found) => markOfAnother(found, mark)).catch(() => undefined);
  if (another !== undefined) return await leftToAnother(run, another);
  let isRestored = false;
  try {
    const fingerprint = await run.timer.during("roll back", async () => {
      await holdTarget(run.context, { ...request, signal }, mark);
      passPoint("roll-back/held");
      // The backup that was to be the safety snapshot may have been killed.
      await withTarget(request.target, (connection) => restoreLeftSettings(connection, run.context.store));
      passPoint("roll-back/settings-restored");
      if (safety !== undefined) isRestored = await bringBack({ ...run, signal }, safety);
      passPoint("roll-back/brought-back");
      await journal.write({ step: reopening });
      await withTarget(request.target, (connection) => openGate(connection, gate));
      passPoint("roll-back/opened");
      return safety?.fingerprint;
    });
    await journal.writeBack();
    if (isRestored && safety !== undefined) await recordRestored(run, safety.id, "a rollback");
    const held = safety === undefined ? "nothing of it was changed" : "its fingerprint is the one from before";
    const words = `${where} holds what it held before (${held}) and takes writes again${earlierIn(journal.entry)}`;
    return { isBack: true, fingerprint, words };
  } catch (error) {
    await journal.write({ state: "failed" }).catch(() => {});
    return {
      isBack: false,
      words: `${where} could not be rolled back (${errorMessage(error)}); it refuses writes as long as it is not restarted${keptAs(safety)}`,
    };
  }
}

/** What another restore has put there is not ours to replace. */
async function leftToAnother({ request, journal }: InPlaceRun, another: number): Promise<RolledBack> {
  const { safety, step } = journal.entry;
  const where = address(request.target.endpoint);
  const who = `another restore is at work on it, or was interrupted (min-replicas-to-write ${another})`;
  const isUntouched = !journal.isTakenOver && ["refuse writes", "safety"].includes(step);
  await (isUntouched ? journal.writeBack() : journal.write({ state: "failed" })).catch(() => {});
  if (isUntouched)
    return { isBack: true, fingerprint: undefined, words: `${where} was not changed by this one; ${who}` };
  return { isBack: false, words: `${where} was not rolled back: ${who}${keptAs(safety)}` };
}

function keptAs(safety: { readonly id: string } | undefined): string {
  return safety === undefined ? "" : `; what it held is in the vault as backup ${safety.id}`;
}

/** The data from before an earlier restore that did not end is not what was brought back here. */
function earlierIn(entry: JournalEntry): string {
  if (entry.state !== "failed" || entry.safety === undefined) return "";
  return `; what it held before the earlier restore of ${entry.point}, which was interrupted, is backup ${entry.safety.id}, and comes back by: ${rollBackCommand(entry)} --yes`;
}

/** Ends a rollback that was killed after the server took writes again. */
export async function confirmBack({ request, journal }: InPlaceRun): Promise<RolledBack> {
  const { safety } = journal.entry;
  await journal.writeBack();
  const words = `${address(request.target.endpoint)} was rolled back already, and takes writes${earlierIn(journal.entry)}`;
  return { isBack: true, fingerprint: safety?.fingerprint, words };
}

/** Whether anything had to be restored. */
async function bringBack(
  run: InPlaceRun,
  { id, fingerprint }: { readonly id: string; readonly fingerprint: string },
): Promise<boolean> {
  const { context, request, signal } = run;
  const isThere = async (target: Engine): Promise<boolean> => (await fingerprintOf(target, signal)) === fingerprint;
  // A target that lost its data half-way may not even answer this.
  if (await isThere(request.target).catch(() => false)) return false;
  const prove = async (target: Engine): Promise<void> => {
    if (!(await isThere(target)))
      throw new DrillError(`the safety snapshot ${id} came back with another fingerprint`, { exit: "dataWrong" });
  };
  const { target, engines, progress } = request;
  const replace = { prove };
  await restoreBackup(context, { point: id, way: "wire", engines, target, progress, signal, replace });
  return true;
}
