// Several backups in sequence under writers, each a restore point of its own; and two requested at once: one succeeds,
// the other is refused.
import { Draw } from "../../../../generators/random.ts";
import { systemClock } from "../../../base/clock.ts";
import { errorMessage } from "../../../base/errors.ts";
import { waitFor } from "../../../base/wait.ts";
import type { BackupStatus } from "../../../service/contract.ts";
import type { Drill } from "../../drill.ts";
import { type Backup, backUp } from "../../steps/back-up.ts";
import { breakIt } from "../../steps/break-it.ts";
import { report } from "../../steps/report.ts";
import { judgeAtOnce } from "./judge.ts";
import { restoreAndProve, openCoordinationSetup, proveBackup } from "./coordination-setup.ts";

const triggeredTimeoutMs = 300_000;

/** Proves the last backup and an earlier one chosen by the seed. */
export async function severalBackups(drill: Drill, count: number): Promise<void> {
  await using resources = new AsyncDisposableStack();
  const scene = await openCoordinationSetup(drill, resources);
  const backups: Backup[] = [];
  for (let made = 0; made < count; made += 1) backups.push(await backUp(drill, scene.stage, scene.writers));
  drill.record.witness("restorePoints", (await scene.stage.system.list()).length);
  const disaster = await breakIt(drill, scene.plan, scene.stage, scene.writers);
  const last = backups[count - 1];
  const earlier = backups[new Draw(drill.seed, "earlier restore point").below(count - 1)];
  if (last === undefined || earlier === undefined) throw new RangeError(`${count} backups: expected two or more`);
  await proveBackup(drill, scene, last, disaster);
  report(drill, scene.plan, scene.content, last);
  drill.progress.note(`an earlier restore point as well: ${earlier.point.id}`);
  await proveBackup(drill, scene, earlier, disaster, "target-earlier");
}

/** Requests backups through the service's trigger-backup, which runs them in their own process. */
export async function askedAtOnce(drill: Drill): Promise<void> {
  await using resources = new AsyncDisposableStack();
  const scene = await openCoordinationSetup(drill, resources);
  const { admin, stage, writers } = scene;
  await writers.moreAcknowledged("before the backup");
  drill.progress.step("ask for two backups at once");
  const fromMs = systemClock.monotonicMs();
  const asked = await Promise.allSettled([admin.trigger(), admin.trigger()]);
  const refused = asked.flatMap((one) => (one.status === "rejected" ? [errorMessage(one.reason)] : []));
  const ended = async (): Promise<BackupStatus | undefined> => {
    const { backup } = await admin.status();
    return backup.state === "running" ? undefined : backup;
  };
  const status = await waitFor(ended, {
    exit: "notRecovered",
    what: "the triggered backup to end",
    timeoutMs: triggeredTimeoutMs,
    signal: drill.signal,
  });
  const span = { fromMs, toMs: systemClock.monotonicMs() };
  const points = await stage.system.list();
  const findings = judgeAtOnce({ refused, status, points: points.map(({ id }) => id) });
  for (const finding of findings) drill.record.finding(finding);
  const [point] = points;
  if (findings.length > 0 || point === undefined) return;
  drill.record.witness("backupsRefused", refused.length);
  // The pause was requested by another process, so only the bounds of its instant are known here.
  const backup = { point, phases: [], pauseMs: undefined, ms: span.toMs - span.fromMs, cut: span, span };
  await restoreAndProve(drill, scene, backup);
}
