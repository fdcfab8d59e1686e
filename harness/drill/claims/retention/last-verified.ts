// The last restore point known to be restorable is kept even if the rules would remove it, and one that a verify found
// faulty does not count towards a rule.
import type { Drill } from "../../drill.ts";
import { ownEngines } from "../../guard/own-engines.ts";
import { backUpState, mustList, prepareRetention, proveState, pruneBy } from "./retention-setup.ts";

export async function provesLastVerified(drill: Drill): Promise<void> {
  await using resources = new AsyncDisposableStack();
  const ground = await prepareRetention(drill, resources);
  const verified = await backUpState(ground, 1);
  drill.progress.step("verify the first of three backups");
  const { ok, problems } = await ground.system.verify(verified.id, ownEngines(drill.engines), drill.signal);
  if (!ok)
    drill.record.finding({
      code: "verify-failed",
      severity: "error",
      subject: verified.id,
      message: "the system's verify finds fault with a fresh backup",
      evidence: { problems },
    });
  await backUpState(ground, 2);
  const newest = await backUpState(ground, 3);
  if ((await pruneBy(ground, { last: 1 })) === undefined) return;
  await mustList(ground, new Set([verified.id, newest.id]), "the last verified backup and the newest one");
  await proveState(ground, verified.id, 1);
  drill.record.requireWitnesses("pointsPruned", "statesProven", "nodesCompared", "edgesCompared");
}
