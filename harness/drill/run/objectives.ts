// Compares a recovery with its objectives.
import { formatDuration } from "../../base/units.ts";
import type { RecordedFinding, ScenarioRecord } from "../../record/record.ts";
import type { DrillObjectives } from "./drill-options.ts";

/** Scenarios that measure neither are not judged by them, nor are those that remove the pause on purpose. */
export function missedObjectives(record: ScenarioRecord, objectives: DrillObjectives): readonly RecordedFinding[] {
  if (record.result().coordination === "removed") return [];
  return [...missed(record, "rtoMs", "RTO", objectives.rtoMs), ...missed(record, "rpoMs", "RPO", objectives.rpoMs)];
}

function missed(record: ScenarioRecord, metric: string, name: string, most: number | undefined): RecordedFinding[] {
  const value = record.getMetric(metric);
  if (most === undefined || value === undefined || value <= most) return [];
  return [
    {
      code: "objective-missed",
      severity: "error",
      subject: `${record.id}/${metric}`,
      message: `the ${name} was ${formatDuration(value)}, and the objective is at most ${formatDuration(most)}`,
      evidence: { metric, value, objective: most },
    },
  ];
}
