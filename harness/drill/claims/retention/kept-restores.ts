// What a prune keeps can still be restored, with its dependencies: a full backup by itself, an increment with its base.
import type { Drill } from "../../drill.ts";
import { addIncrement, backUpState, prepareRetention, proveState, pruneBy } from "./retention-setup.ts";

const chains = 3;

export async function provesKeptChains(drill: Drill): Promise<void> {
  await using resources = new AsyncDisposableStack();
  const ground = await prepareRetention(drill, resources);
  const bases: string[] = [];
  for (let chain = 1; chain <= chains; chain++) {
    const { id } = await backUpState(ground, 10 * chain);
    bases.push(id);
    await addIncrement(ground, 10 * chain + 1, id);
  }
  const hasIncrements = ground.system.backupIncrement !== undefined;
  // Of the increments and their bases, the last three are one chain and the end of the previous one.
  const outcome = await pruneBy(ground, { last: hasIncrements ? 3 : 2 });
  if (outcome === undefined) return;
  const [oldest = "", kept = "", newest = ""] = bases;
  for (const { id, keep } of outcome.decisions) {
    if (keep !== id.startsWith(oldest)) continue;
    drill.record.finding({
      code: keep ? "retention-kept-too-much" : "retention-removed-too-much",
      severity: "error",
      subject: id,
      message: keep ? "no rule keeps it, and it was kept" : "a rule keeps it, or a backup that depends on it",
      evidence: { decisions: outcome.decisions },
    });
  }
  await proveState(ground, kept, 20);
  if (hasIncrements) await proveState(ground, kept, 21, { latest: true });
  await proveState(ground, newest, hasIncrements ? 31 : 30, { latest: hasIncrements });
  drill.record.requireWitnesses("pointsPruned", "statesProven", "nodesCompared", "edgesCompared");
}
