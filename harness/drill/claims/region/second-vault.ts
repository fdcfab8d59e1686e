// The first region is lost with its vault. What comes back, comes from the second vault alone, and later the first
// region is set up anew from it.
import { rm } from "node:fs/promises";
import type { ReplicateOutcome, BackupSystem } from "../../../system/system.ts";
import type { Drill } from "../../drill.ts";
import { addIncrement, backUpState, prepareRetention, proveState } from "../retention/retention-setup.ts";

export async function provesSecondVault(drill: Drill): Promise<void> {
  await using resources = new AsyncDisposableStack();
  const first = await prepareRetention(drill, resources);
  const { system, vault } = first;
  if (system.replicate === undefined)
    return drill.record.notCovered(`replication: the ${system.name} system has no second vault`);
  const far = `${vault}-far`;
  // On disk beside the first one: it goes with the scenario as well.
  resources.defer(() => rm(far, { recursive: true, force: true }));
  const old = await backUpState(first, 1);
  await replicateTo(drill, system, far);
  const base = await backUpState(first, 2);
  await addIncrement(first, 3, base.id);
  await using second = (await replicateTo(drill, system, far)).second;
  const held = await pointIds(system);
  await mustHold(drill, second, held, "the second vault");

  drill.progress.step("lose the first vault");
  await rm(vault, { recursive: true });
  const elsewhere = { ...first, system: second, vault: far };
  await proveState(elsewhere, old.id, 1);
  await proveState(elsewhere, base.id, 2);
  if (system.backupIncrement !== undefined) await proveState(elsewhere, base.id, 3, { latest: true });

  // The second region takes writes and backups, and then a new first vault gets all of it.
  const later = await backUpState(elsewhere, 4);
  await using back = (await replicateTo(drill, second, vault)).second;
  await mustHold(drill, back, [...held, later.id], "the new first vault");
  await proveState({ ...first, system: back }, later.id, 4);
  drill.record.requireWitnesses("statesProven", "replicasCompared", "nodesCompared", "edgesCompared");
}

export async function replicateTo(drill: Drill, system: BackupSystem, to: string): Promise<ReplicateOutcome> {
  if (system.replicate === undefined) throw new Error("the second vault is of the same system");
  const { progress, signal, record, id } = drill;
  progress.step("replicate");
  const outcome = await system.replicate({ to, progress, signal });
  for (const message of outcome.problems)
    record.finding({ code: "replica-incomplete", severity: "error", subject: id, message, evidence: {} });
  return outcome;
}

async function pointIds(system: BackupSystem): Promise<readonly string[]> {
  return (await system.list()).map(({ id }) => id);
}

/** It lists them all, and reads each to its last byte. */
async function mustHold(
  { record, engines, signal, progress }: Drill,
  system: BackupSystem,
  expected: readonly string[],
  what: string,
): Promise<void> {
  progress.step(`verify ${what}`);
  const listed = await pointIds(system);
  for (const point of expected) {
    const problems = listed.includes(point)
      ? (await system.verify(point, engines, signal)).problems
      : ["it is not there"];
    record.witness("replicasCompared", 1);
    if (problems.length === 0) continue;
    const message = `${what} does not give ${point}: ${problems.join("; ")}`;
    record.finding({ code: "replica-incomplete", severity: "error", subject: point, message, evidence: { listed } });
  }
}
