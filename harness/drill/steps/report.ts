// Step 9, report: the witnesses that the verdict requires. The command line writes the rest of the report from the run
// directory.
import { requiredWitnesses } from "../../check/judge.ts";
import type { CyclePlan } from "../cycle-plan.ts";
import type { Drill } from "../drill.ts";
import type { Backup } from "./back-up.ts";
import type { Content } from "./generate.ts";

/** In a shorter transfer, writers of a busy machine may get no answer at all, and nothing follows from that. */
const judgedTransferMsMin = 500;
const inTransfer = "writesAcknowledgedInTransfer";

export function report(drill: Drill, plan: CyclePlan, { expectation }: Content, { fork, transfer }: Backup): void {
  const { record } = drill;
  record.requireWitnesses(...requiredWitnesses(expectation));
  if (plan.disaster === "wipe") record.requireWitnesses("faultsFired");
  const isDirect = plan.kinds !== undefined || plan.directEpisodes !== undefined;
  if (plan.kinds !== undefined) record.requireWitnesses("writesAcknowledgedDuringBackup", "tracesRead");
  if (plan.writers > 0 || isDirect)
    record.requireWitnesses("writesAcknowledgedBeforeCut", "writesAcknowledgedAfterCut");
  // Writers that nothing holds must have been writing when the engine forked and during the transfer.
  if (!isDirect) return;
  if (fork !== undefined) record.requireWitnesses("writesAcrossFork");
  if (transfer !== undefined) {
    const ms = transfer.toMs - transfer.fromMs;
    if (ms >= judgedTransferMsMin) record.requireWitnesses(inTransfer);
    else if ((record.result().witnesses[inTransfer] ?? 0) === 0)
      record.notCovered(
        `writes during the transfer: it took only ${Math.round(ms)} ms, and no write was acknowledged in it`,
      );
  }
  if (fork === undefined || transfer === undefined)
    record.notCovered("writes across the fork and during the transfer: the system does not report when these were");
}
