// What was observed of a backup's pause, collected and judged: the coordinator that the system was given, the audit log
// and the status of the service, and the history of the writes. The system's own report of it does not count.
import { z } from "zod";
import { systemClock } from "../../base/clock.ts";
import { errorMessage } from "../../base/errors.ts";
import type { LoggedPause, PauseEvidence } from "../../workload/history/judge-pause.ts";
import type { Drill } from "../drill.ts";
import { judgePauseAndStore } from "../../record/judgement.ts";
import { readJsonLines } from "../../record/run-directory.ts";
import type { Backup } from "../steps/back-up.ts";
import type { CycleSetup } from "../steps/prepare.ts";
import type { Workload } from "../steps/work.ts";

export async function provePause(
  drill: Drill,
  stage: CycleSetup,
  { span, asked, stateAfter }: Backup,
  writers: Workload | undefined,
): Promise<void> {
  if (!stage.coordinated || !stage.system.capabilities.has("coordinated")) {
    drill.record.notCovered("the pause of writes: the system does not coordinate, or was given nothing to do it with");
    return;
  }
  const through = writers?.episodes.filter((each) => each.through === "service") ?? [];
  const evidence: PauseEvidence = {
    backup: span,
    asked: asked ?? null,
    logged: await loggedPauses(drill, stage),
    stateAfter: stateAfter ?? null,
    groups: through.flatMap(({ groups }) => groups),
  };
  await judgePauseAndStore(drill, "target-pause", evidence);
}

async function loggedPauses(drill: Drill, { service }: CycleSetup): Promise<readonly LoggedPause[] | null> {
  // Both clocks are of this machine.
  const aheadMs = systemClock.nowMs() - systemClock.monotonicMs();
  try {
    const lines = await readJsonLines(service.auditPath, auditLine);
    return lines.flatMap(({ at, event, detail: { lease } }) =>
      lease === undefined ? [] : [{ atMs: Date.parse(at) - aheadMs, event, lease }],
    );
  } catch (error) {
    drill.record.notCovered(`the service's own log of pauses: ${errorMessage(error)}`);
    return null;
  }
}

const auditLine = z.looseObject({
  at: z.string(),
  event: z.string(),
  detail: z.looseObject({ lease: z.string().optional() }),
});
