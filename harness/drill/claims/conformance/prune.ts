// A prune keeps the newest backup, and everything that is still listed afterwards comes back.
import type { Drill } from "../../drill.ts";
import { backUpState, prepareRetention, proveState, pruneBy } from "../retention/retention-setup.ts";

export async function provesPruneKeeps(drill: Drill): Promise<void> {
  await using resources = new AsyncDisposableStack();
  const setup = await prepareRetention(drill, resources);
  const states = new Map<string, number>();
  let newest = "";
  for (const state of [1, 2, 3]) {
    newest = (await backUpState(setup, state)).id;
    states.set(newest, state);
  }
  await pruneBy(setup, { last: 2 });
  const kept = (await setup.system.list()).map(({ id }) => id);
  if (!kept.includes(newest))
    drill.record.finding({
      code: "retention-removed-too-much",
      severity: "error",
      subject: newest,
      message: `the prune of the ${setup.system.name} system removed the newest backup`,
      evidence: { kept },
    });
  for (const id of kept) await proveState(setup, id, states.get(id) ?? 0);
  drill.record.requireWitnesses("statesProven");
}
