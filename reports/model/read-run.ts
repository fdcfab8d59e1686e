// The one reader of run folders for reports. Files of lines are streamed, and what is kept of them is bounded.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { readRunHistory } from "../../harness/record/drill-history.ts";
import { DrillError } from "../../harness/base/errors.ts";
import { readCheckedRun } from "../../harness/record/checked-run.ts";
import { faultLineSchema, resourceLineSchema, timelineMarkSchema } from "../../harness/record/result.ts";
import { eachJsonLine, observationFolder } from "../../harness/record/run-directory.ts";
import { type Activity, ActivityBuilder } from "./activity.ts";
import { inDetail } from "../findings/severity.ts";
import type { StoredPoint, StoredRun, Trace } from "./stored-run.ts";

export async function readStoredRun(directory: string): Promise<StoredRun> {
  const { record, result } = await readCheckedRun(directory);
  // Only what is shown in detail is read in detail.
  const ids = new Set(inDetail(result.scenarios).map(({ id }) => id));
  const marks = await linesByScenario(join(directory, "timeline.jsonl"), timelineMarkSchema, ids);
  const faults = await linesByScenario(join(directory, "faults.jsonl"), faultLineSchema, ids);
  const memory = await linesByScenario(join(directory, "resources.jsonl"), resourceLineSchema, ids);
  const activities = await readActivities(directory, ids);
  const traces = new Map<string, Trace>();
  for (const id of ids) {
    const folder = join(directory, "observations", observationFolder(id));
    traces.set(id, {
      marks: (marks.get(id) ?? []).toSorted((a, b) => a.atMs - b.atMs),
      faults: faults.get(id) ?? [],
      memory: memory.get(id) ?? [],
      activity: activities.get(id),
      restorePoints: readObservation(join(folder, "restore-points.json"), z.array(pointSchema)) ?? [],
      engine: readObservation(join(folder, "engine.json"), z.record(z.string(), z.unknown())),
      system: readObservation(join(folder, "system.json"), z.object({ capabilities: z.array(z.string()) })),
    });
  }
  return { directory, record, result, traces };
}

const pointSchema: z.ZodType<StoredPoint> = z.object({
  id: z.string(),
  cutAt: z.string(),
  storedBytes: z.number(),
  rawBytes: z.number().optional(),
  parent: z.string().optional(),
});

/** A part that a scenario ran inside itself is recorded as `<id>~<part>`; it belongs to the scenario. */
function ownerOf(scenario: string): string {
  return scenario.split("~")[0] ?? scenario;
}

async function linesByScenario<T extends { readonly scenario: string }>(
  path: string,
  schema: z.ZodType<T>,
  ids: ReadonlySet<string>,
): Promise<Map<string, T[]>> {
  const found = new Map<string, T[]>();
  if (!existsSync(path)) return found;
  try {
    for await (const value of eachJsonLine(path, schema)) {
      const id = ownerOf(value.scenario);
      if (!ids.has(id)) continue;
      const list = found.get(id) ?? [];
      found.set(id, list);
      list.push(value);
    }
  } catch (error) {
    // The file is damaged from here on; the seal reports that.
    if (!(error instanceof DrillError)) throw error;
  }
  return found;
}

async function readActivities(directory: string, ids: ReadonlySet<string>): Promise<Map<string, Activity>> {
  const builders = new Map<string, ActivityBuilder>();
  for await (const record of readRunHistory(directory)) {
    const id = ownerOf(record.scenario);
    if (!ids.has(id)) continue;
    const builder = builders.get(id) ?? new ActivityBuilder();
    builders.set(id, builder);
    builder.add(record);
  }
  const built = [...builders].map(([id, builder]) => [id, builder.build()] as const);
  return new Map(built.filter((entry): entry is [string, Activity] => entry[1] !== undefined));
}

function readObservation<T>(path: string, schema: z.ZodType<T>): T | undefined {
  try {
    return schema.safeParse(JSON.parse(readFileSync(path, "utf8"))).data;
  } catch {
    // The file is missing or damaged; the seal reports that.
    return undefined;
  }
}
