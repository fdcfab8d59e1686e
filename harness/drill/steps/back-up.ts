// Step 4, back up with the system under test, while writers write.
import { systemClock } from "../../base/clock.ts";
import type { Cut } from "../../workload/expected-writes.ts";
import type { BackupOutcome } from "../../system/system.ts";
import type { Drill } from "../run-scenario.ts";
import type { Stage } from "./prepare.ts";
import type { Workload } from "./work.ts";

export interface Backup extends BackupOutcome {
  readonly ms: number;
  /** When the cut was, on the clock of the history. */
  readonly cut: Cut;
  /** From its start to its end, on the same clock. */
  readonly span: Cut;
}

export async function backUp(drill: Drill, stage: Stage, writers: Workload | undefined): Promise<Backup> {
  const { progress, signal, record } = drill;
  await writers?.moreAcknowledged("before the backup");
  progress.step(`back up with the ${stage.system.name} system`);
  const startedMs = systemClock.monotonicMs();
  const { source, coordinator, system } = stage;
  const outcome = await system.backup({
    source,
    coordinator: stage.coordinated ? coordinator : undefined,
    progress,
    signal,
  });
  const endedMs = systemClock.monotonicMs();
  record.mark("backup-started", startedMs);
  record.mark("backup-ended", endedMs);
  const cut = coordinator.cut();
  if (cut !== undefined) {
    record.mark("writes-paused", cut.fromMs);
    record.mark("writes-resumed", cut.toMs);
  }
  record.phases(outcome.phases.map((phase) => ({ ...phase, name: `backup/${phase.name}` })));
  const listed = await stage.system.list();
  record.observation("restore-points", listed);
  if (!listed.some((point) => point.id === outcome.point.id)) {
    record.finding({
      code: "backup-not-listed",
      severity: "error",
      subject: outcome.point.id,
      message: "the system reported a backup that its own list does not show",
      evidence: { listed: listed.map((point) => point.id) },
    });
  }
  // Without coordination the cut may be anywhere from the start of the backup to its end.
  const span = { fromMs: startedMs, toMs: endedMs };
  return { ...outcome, ms: endedMs - startedMs, cut: cut ?? span, span };
}
