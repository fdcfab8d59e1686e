// What the backup cost the concurrent writers, computed from the history of the run.
import { WriteFigures, type WriteSpans } from "../../workload/history/write-figures.ts";
import { readDrillHistoryInBatches } from "../../record/drill-history.ts";
import type { Drill } from "../drill.ts";

export async function writtenFigures(drill: Drill, spans: WriteSpans): Promise<void> {
  const figures = new WriteFigures(spans);
  for await (const records of readDrillHistoryInBatches(drill.directory, drill.id))
    for (const record of records) figures.add(record);
  for (const [name, value] of Object.entries(figures.metrics())) drill.record.metric(name, value);
  drill.record.witness("writesRefused", figures.refused);
}
