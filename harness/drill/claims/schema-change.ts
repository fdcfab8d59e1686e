// A full cycle in which writers add new labels, properties and indexes all the time, and the evidence that some of
// these came during the transfer of the snapshot.
import { churnStep } from "../../../generators/writes/churn.ts";
import { cycle } from "../cycle.ts";
import type { CyclePlan } from "../cycle-plan.ts";
import { readDrillHistoryInBatches } from "../../record/drill-history.ts";
import type { Drill } from "../drill.ts";

export async function provesSchemaChange(drill: Drill, plan: CyclePlan): Promise<void> {
  const { transfer } = await cycle(drill, plan);
  const { record, directory, id } = drill;
  if (transfer === undefined) {
    record.notCovered("schema changes during the transfer: the system does not report when it was");
    return;
  }
  const grown = new Set<string>();
  for await (const records of readDrillHistoryInBatches(directory, id)) {
    for (const write of records) {
      if (write.kind !== "churn" || write.outcome !== "ok") continue;
      const step = churnStep(write);
      if (step.op !== "grow" && step.op !== "index") continue;
      // The first write of each new name changes the schema.
      const isNew = grown.size < grown.add(`${step.op} ${step.grown}`).size;
      if (!isNew || write.completedMs < transfer.fromMs || write.completedMs > transfer.toMs) continue;
      record.witness(step.op === "grow" ? "labelsNewInTransfer" : "indexesNewInTransfer", 1);
    }
  }
  record.requireWitnesses("labelsNewInTransfer", "indexesNewInTransfer");
}
