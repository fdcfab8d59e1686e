// The engine is killed right after a backup was acknowledged: everything is restored. Or in the middle of a backup: no
// restore point results, and the previous one can still be restored.
import { connect } from "../../../falkordb/client/connection.ts";
import type { Engine } from "../../../engine/engine.ts";
import { requiredWitnesses } from "../../../check/judge.ts";
import { processIdOf } from "../../../fault/kinds/engine-process.ts";
import type { Drill } from "../../drill.ts";
import { backUp } from "../../steps/back-up.ts";
import { type Disaster, killAndWipe } from "../../steps/break-it.ts";
import { expectBackupRefused, openCoordinationSetup, proveBackup } from "./coordination-setup.ts";

/** More bytes than can be in flight between two processes when one of them crashes. */
const ballastBytes = 24 * 2 ** 20;
const ballastTextBytes = 60_000;

export async function killedAfterBackup(drill: Drill): Promise<void> {
  await using resources = new AsyncDisposableStack();
  const scene = await openCoordinationSetup(drill, resources);
  const backup = await backUp(drill, scene.stage, scene.writers);
  const disaster = await killAndWipe(drill, scene.stage, scene.writers);
  await proveBackup(drill, scene, backup, disaster);
  requireProof(drill, scene.content.expectation);
}

export async function killedInBackup(drill: Drill): Promise<void> {
  await using resources = new AsyncDisposableStack();
  const scene = await openCoordinationSetup(drill, resources);
  const { stage, writers } = scene;
  const earlier = await backUp(drill, stage, writers);
  await writers.moreAcknowledged("after the backup");
  await addBallast(stage.source);
  const pid = await processIdOf(stage.source);
  drill.progress.step("kill the engine in the middle of the next backup");
  let disaster: Promise<Disaster> | undefined;
  const progress = {
    ...drill.progress,
    // SIGKILL is sent synchronously by this call; the snapshot has just begun to flow.
    step: (name: string) => {
      if (name === "stream") disaster ??= killAndWipe(drill, stage, writers, pid);
    },
  };
  await expectBackupRefused(drill, scene, "the engine was killed in the middle of the backup", { progress });
  if (disaster === undefined) {
    drill.record.assumption("not-killed", "the backup failed before its snapshot flowed, so nothing was killed");
    return;
  }
  drill.record.requireWitnesses("backupsRefused");
  await proveBackup(drill, scene, earlier, await disaster);
  requireProof(drill, scene.content.expectation);
}

function requireProof(drill: Drill, expectation: Parameters<typeof requiredWitnesses>[0]): void {
  drill.record.requireWitnesses(...requiredWitnesses(expectation), "faultsFired", "writesAcknowledgedBeforeCut");
}

async function addBallast(source: Engine): Promise<void> {
  await using connection = await connect(source.endpoint);
  const nodes = Math.ceil(ballastBytes / ballastTextBytes);
  // Distinct texts, which the snapshot carries in full.
  await connection.query(
    "drill-ballast",
    "UNWIND range(1, $nodes) AS i CREATE (:Ballast {i: i, text: toString(i) + $text})",
    { nodes, text: "ballast ".repeat(ballastTextBytes / 8) },
  );
}
