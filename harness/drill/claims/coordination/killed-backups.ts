// A backup process is killed without warning: during the pause, during the transfer, before the manifest. Each time
// writes resume by themselves within the lease, the vault lists no additional restore point, and the next backup
// succeeds and cleans up after the killed one.
import { systemClock } from "../../../base/clock.ts";
import { waitFor } from "../../../base/wait.ts";
import type { RestorePoint } from "../../../system/system.ts";
import type { Drill } from "../../drill.ts";
import { slownessOf } from "../../run/slowness.ts";
import { type Backup, backUp } from "../../steps/back-up.ts";
import { type HoldPoint, holdPoints, startHeldBackup } from "./held-backup.ts";
import { changedSettings, settingsOf, strayObjects } from "./left-behind.ts";
import { judgeKilled, judgePutRight } from "./judge.ts";
import { restoreAndProve, openCoordinationSetup, type CoordinationSetup } from "./coordination-setup.ts";

const leaseMs = 1500;
/** Interval of the service's timer plus one poll of the drill. */
const graceMs = 500;

export async function killedBackups(drill: Drill): Promise<void> {
  await using resources = new AsyncDisposableStack();
  const scene = await openCoordinationSetup(drill, resources);
  let last: Backup | undefined;
  for (const point of holdPoints) last = await killedAt(drill, scene, point);
  if (last === undefined) return;
  drill.record.requireWitnesses("backupsKilled", "pausesLeftBehind", "partsLeftBehind", "settingsLeftBehind");
  await restoreAndProve(drill, scene, last);
}

async function killedAt(drill: Drill, scene: CoordinationSetup, holdAt: HoldPoint): Promise<Backup> {
  const { stage, writers } = scene;
  const { source, service, system, vault } = stage;
  await writers.moreAcknowledged(`before the backup that is killed (${holdAt})`);
  drill.progress.step(`kill a backup: ${holdAt}`);
  const settings = await settingsOf(source.endpoint);
  const points = await system.list();
  await using held = await startHeldBackup({ vault, endpoint: source.endpoint, service, leaseMs, holdAt });
  await held.kill();
  drill.record.mark("fault", systemClock.monotonicMs(), `backup killed: ${holdAt}`);
  drill.directory.append("faults.jsonl", { scenario: drill.id, fault: "kill-backup", fired: true, detail: { holdAt } });
  drill.record.witness("backupsKilled", 1);
  await writesGoOn(drill, scene, holdAt);
  for (const finding of judgeKilled(holdAt, idsOf(points), idsOf(await system.list()))) drill.record.finding(finding);
  // What needs cleaning up: during the pause the settings, later the parts.
  if (changedSettings(settings, await settingsOf(source.endpoint)).length > 0)
    drill.record.witness("settingsLeftBehind", 1);
  drill.record.witness("partsLeftBehind", (await strayObjects(vault, points)).length);
  const next = await backUp(drill, stage, writers);
  const changed = changedSettings(settings, await settingsOf(source.endpoint));
  const stray = await strayObjects(vault, await system.list());
  for (const finding of judgePutRight(holdAt, changed, stray)) drill.record.finding(finding);
  return next;
}

function idsOf(points: readonly RestorePoint[]): string[] {
  return points.map(({ id }) => id);
}

async function writesGoOn(drill: Drill, { admin, writers }: CoordinationSetup, holdAt: HoldPoint): Promise<void> {
  const killedMs = systemClock.monotonicMs();
  if (holdAt === "pause") {
    if ((await admin.status()).writes.state === "paused") drill.record.witness("pausesLeftBehind", 1);
    const isOpen = async (): Promise<true | undefined> =>
      (await admin.status()).writes.state === "open" ? true : undefined;
    await waitFor(isOpen, {
      exit: "notRecovered",
      what: `writes to go on by themselves, after a lease of ${leaseMs} ms whose backup was killed`,
      timeoutMs: leaseMs + graceMs * slownessOf(drill),
      signal: drill.signal,
    });
    drill.record.metric("openAfterKillMs", systemClock.monotonicMs() - killedMs);
  }
  await writers.moreAcknowledged(`after a backup was killed (${holdAt})`);
}
