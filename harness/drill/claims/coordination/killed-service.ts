// The graph service is killed while it holds writes for a backup. The pause did not hold, so the backup must notice and
// be discarded; the service comes back open with every write it had accepted; and the next backup holds them all.
import { systemClock } from "../../../base/clock.ts";
import type { Drill } from "../../drill.ts";
import { backUp } from "../../steps/back-up.ts";
import { judgeComeback } from "./judge.ts";
import { whenPaused } from "./pause-hook.ts";
import {
  restoreAndProve,
  expectBackupRefused,
  openCoordinationSetup,
  type CoordinationSetup,
} from "./coordination-setup.ts";

/** When the service restarts: before the backup ends its pause, or only after the backup has failed. */
const comebacks = ["at once", "later"] as const;
type Comeback = (typeof comebacks)[number];

export async function killedService(drill: Drill): Promise<void> {
  await using resources = new AsyncDisposableStack();
  const scene = await openCoordinationSetup(drill, resources);
  for (const comeback of comebacks) await killedInPause(drill, scene, comeback);
  const backup = await backUp(drill, scene.stage, scene.writers);
  drill.record.requireWitnesses("servicesKilled", "backupsRefused");
  await restoreAndProve(drill, scene, backup);
}

export async function killedInPause(drill: Drill, scene: CoordinationSetup, comeback: Comeback): Promise<void> {
  const { stage, writers, admin } = scene;
  const { service, coordinator } = stage;
  await writers.moreAcknowledged("before the service is killed");
  drill.progress.step(`kill the graph service in the pause; it comes back ${comeback}`);
  const killed = whenPaused(coordinator, async () => {
    await service.kill();
    drill.record.mark("fault", systemClock.monotonicMs(), "graph service killed");
    const detail = { comeback };
    drill.directory.append("faults.jsonl", { scenario: drill.id, fault: "kill-service", fired: true, detail });
    drill.record.witness("servicesKilled", 1);
    if (comeback === "at once") await service.restart();
  });
  await expectBackupRefused(drill, scene, "the service that paused writes was killed", { coordinator: killed });
  if (comeback === "later") await service.restart();
  const { state } = (await admin.status()).writes;
  for (const finding of judgeComeback(state, comeback)) drill.record.finding(finding);
  await writers.moreAcknowledged("after the service came back");
}
