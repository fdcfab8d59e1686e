// A backup waits for the end of a save, however long it takes: on a large graph that is minutes. The source writes its
// dump slowly, and an earlier dump is there to be taken by mistake.
import { connect } from "../../../falkordb/client/connection.ts";
import type { Drill } from "../../drill.ts";
import { backUpState, prepareRetention, proveState } from "../retention/retention-setup.ts";

/** Redis's own setting for tests: a pause in microseconds before each key of a dump, of which there are several. */
const keyDelay = "1500000";

export async function provesSlowSave(drill: Drill): Promise<void> {
  await using resources = new AsyncDisposableStack();
  const setup = await prepareRetention(drill, resources);
  if (setup.source.kind === "external")
    return drill.record.notCovered("a slow save: the settings of an external server are its owner's");
  await using connection = await connect(setup.source.endpoint);
  await connection.command("SAVE");
  await connection.command("CONFIG", "SET", "rdb-key-save-delay", keyDelay);
  const { id } = await backUpState(setup, 1);
  await connection.command("CONFIG", "SET", "rdb-key-save-delay", "0");
  await proveState(setup, id, 1);
  drill.record.requireWitnesses("statesProven", "nodesCompared", "edgesCompared");
}
