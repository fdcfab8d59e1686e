// A backup process that is killed without warning: in the pause, in the transfer, before the manifest. Each time writes
// go on by themselves within the lease, the vault holds no restore point more, and the next backup is made and puts right
// what the dead one left.
import { systemClock } from "../../base/clock.ts";
import { waitFor } from "../../base/wait.ts";
import type { Drill } from "../run-scenario.ts";
import { type Backup, backUp } from "../steps/back-up.ts";
import { type HoldPoint, holdPoints, startHeldBackup } from "./held-backup.ts";
import { changedSettings, settingsOf, strayObjects } from "./left-behind.ts";
import { comesBack, openScene, type Scene } from "./scene.ts";

const leaseMs = 1500;
/** The service's timer, and one look of ours. */
const graceMs = 500;

export async function killedBackups(drill: Drill): Promise<void> {
  await using things = new AsyncDisposableStack();
  const scene = await openScene(drill, things);
  let last: Backup | undefined;
  for (const point of holdPoints) last = await killedAt(drill, scene, point);
  if (last === undefined) return;
  drill.record.requireWitnesses("backupsKilled", "partsLeftBehind", "settingsLeftBehind");
  await comesBack(drill, scene, last);
}

async function killedAt(drill: Drill, scene: Scene, holdAt: HoldPoint): Promise<Backup> {
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
  await noHalfBackup(drill, scene, points.length, holdAt);
  // What there is to put right: in the pause the settings, later the parts.
  if (changedSettings(settings, await settingsOf(source.endpoint)).length > 0)
    drill.record.witness("settingsLeftBehind", 1);
  drill.record.witness("partsLeftBehind", (await strayObjects(vault, points)).length);
  const next = await backUp(drill, stage, writers);
  await allIsPutRight(drill, scene, settings, holdAt);
  return next;
}

async function writesGoOn(drill: Drill, { admin, writers }: Scene, holdAt: HoldPoint): Promise<void> {
  const killedMs = systemClock.monotonicMs();
  if (holdAt === "pause") {
    if ((await admin.status()).writes.state === "paused") drill.record.witness("pausesLeftBehind", 1);
    const isOpen = async (): Promise<true | undefined> =>
      (await admin.status()).writes.state === "open" ? true : undefined;
    await waitFor(isOpen, {
      what: `writes to go on by themselves, after a lease of ${leaseMs} ms whose backup was killed`,
      timeoutMs: leaseMs + graceMs,
      signal: drill.signal,
    });
    drill.record.metric("openAfterKillMs", systemClock.monotonicMs() - killedMs);
  }
  await writers.moreAcknowledged(`after a backup was killed (${holdAt})`);
}

async function noHalfBackup(drill: Drill, { stage }: Scene, before: number, holdAt: HoldPoint): Promise<void> {
  const points = await stage.system.list();
  if (points.length === before) return;
  drill.record.finding({
    code: "half-backup-listed",
    severity: "error",
    subject: points.at(-1)?.id ?? "vault",
    message: `a backup was killed (${holdAt}), and the vault lists ${points.length} restore points instead of ${before}`,
    evidence: { holdAt, points: points.map(({ id }) => id) },
  });
}

async function allIsPutRight(
  drill: Drill,
  { stage }: Scene,
  settings: ReadonlyMap<string, string>,
  holdAt: HoldPoint,
): Promise<void> {
  const changed = changedSettings(settings, await settingsOf(stage.source.endpoint));
  const stray = await strayObjects(stage.vault, await stage.system.list());
  const about = { severity: "error", subject: stage.vault, evidence: { holdAt, changed, stray } } as const;
  const when = `after a backup was killed (${holdAt}) and another one made,`;
  if (changed.length > 0)
    drill.record.finding({ ...about, code: "settings-not-put-back", message: `${when} the server has ${changed[0]}` });
  if (stray.length > 0)
    drill.record.finding({ ...about, code: "garbage-left", message: `${when} ${stray.length} objects are left over` });
}
