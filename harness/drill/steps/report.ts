// Step 9, report: what had to be there for the verdict to mean anything. The rest of the report is written by the
// command line, from the run directory.
import { requiredWitnesses } from "../../check/judge.ts";
import type { CyclePlan } from "../cycle-plan.ts";
import type { Drill } from "../run-scenario.ts";
import type { Content } from "./generate.ts";

export function report(drill: Drill, plan: CyclePlan, { expectation }: Content): void {
  drill.record.requireWitnesses(...requiredWitnesses(expectation));
  if (plan.disaster === "wipe") drill.record.requireWitnesses("faultsFired");
  if (plan.kinds !== undefined) drill.record.requireWitnesses("writesAcknowledgedDuringBackup", "tracesRead");
  if (plan.writers > 0 || plan.kinds !== undefined)
    drill.record.requireWitnesses("writesAcknowledgedBeforeCut", "writesAcknowledgedAfterCut");
}
