// Two backups are two restore points, each of its own state, and a restore uses none of them up.
import type { Drill } from "../../drill.ts";
import { backUpState, mustList, prepareRetention, proveState } from "../retention/retention-setup.ts";

export async function provesPointsApart(drill: Drill): Promise<void> {
  await using resources = new AsyncDisposableStack();
  const setup = await prepareRetention(drill, resources);
  const { id: first } = await backUpState(setup, 1);
  const { id: second } = await backUpState(setup, 2);
  await mustList(setup, new Set([first, second]), "both backups, each under a name of its own");
  await proveState(setup, second, 2);
  await proveState(setup, first, 1);
  await proveState(setup, second, 2);
  drill.record.requireWitnesses("statesProven", "nodesCompared", "edgesCompared");
}
