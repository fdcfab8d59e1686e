// A verify and an increment end at the same time, and each has something to record. Neither may replace the other's record.
import { ownEngines } from "../../guard/own-engines.ts";
import type { Drill } from "../../drill.ts";
import { addIncrement, backUpState, prepareRetention, proveState } from "../retention/retention-setup.ts";

export async function provesRecordsAtOnce(drill: Drill): Promise<void> {
  await using resources = new AsyncDisposableStack();
  const ground = await prepareRetention(drill, resources);
  const { system } = ground;
  const { record, progress, engines, signal } = drill;
  if (system.audit === undefined || system.backupIncrement === undefined)
    return record.notCovered(`records at once: the ${system.name} system has no audit, or no increments`);
  const { id } = await backUpState(ground, 1);
  progress.step("verify, and add an increment at the same time");
  const [{ problems }] = await Promise.all([
    system.verify(id, ownEngines(engines), signal),
    addIncrement(ground, 2, id),
  ]);
  for (const message of problems)
    record.finding({ code: "verify-failed", severity: "error", subject: id, message, evidence: {} });
  progress.step("audit");
  for (const message of await system.audit())
    record.finding({ code: "catalogue-differs", severity: "error", subject: id, message, evidence: {} });
  await proveState(ground, id, 2, { latest: true });
  record.requireWitnesses("statesProven", "nodesCompared", "edgesCompared");
}
