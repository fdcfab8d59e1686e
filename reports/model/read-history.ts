// Earlier runs of the same drill, read from the folder that holds their run directories. Only what a trend shows is kept,
// and only so many runs are read, however many there are.
import { readdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { type DrillResult } from "../../harness/record/result.ts";
import { readResult, readRun, type RunRecord } from "../../harness/record/run-directory.ts";
import { rpoHeadline, rtoHeadline } from "../figures/headlines.ts";
import type { EarlierRun } from "./model.ts";

const foldersMax = 100;
const runsMax = 20;
/** A result of thousands of scenarios would cost more time than a trend is worth. */
const resultBytesMax = 4 * 2 ** 20;

/** Oldest first; what cannot be read, or is not like `record`, is passed over. */
export async function readHistory(folder: string, record: RunRecord): Promise<readonly EarlierRun[]> {
  const found = foldersOf(folder).flatMap((path) => {
    const earlier = recordOf(path);
    const isEarlier = earlier !== undefined && earlier.startedAt < record.startedAt;
    return isEarlier && drillOf(earlier) === drillOf(record) ? [{ path, earlier }] : [];
  });
  const latest = found.toSorted((a, b) => a.earlier.startedAt.localeCompare(b.earlier.startedAt)).slice(-runsMax);
  const read = [];
  for (const { path, earlier } of latest) {
    const result = await resultOf(path);
    if (result !== undefined) read.push(earlierRun(earlier, result));
  }
  return read;
}

/** The newest by name, which begins with the time. */
function foldersOf(folder: string): readonly string[] {
  try {
    const names = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    return names
      .map(({ name }) => resolve(folder, name))
      .toSorted()
      .slice(-foldersMax);
  } catch {
    return [];
  }
}

function recordOf(path: string): RunRecord | undefined {
  try {
    return readRun(path);
  } catch {
    return undefined;
  }
}

async function resultOf(path: string): Promise<DrillResult | undefined> {
  try {
    return statSync(join(path, "result.json")).size > resultBytesMax ? undefined : await readResult(path);
  } catch {
    return undefined;
  }
}

/** Runs with the same text here did the same work. */
function drillOf({ system, planned, options, machine }: RunRecord): string {
  const { nodes, dims, shape, schema, engine } = options;
  return JSON.stringify([system, planned, nodes, dims, shape, schema, engine, machine["cpu"], machine["cpus"]]);
}

function earlierRun({ startedAt, commit }: RunRecord, { scenarios }: DrillResult): EarlierRun {
  return {
    startedAt,
    commit,
    rtoMs: rtoHeadline(scenarios, {}).value,
    rpoWrites: rpoHeadline(scenarios, {}).value,
    verdicts: new Map(scenarios.map(({ id, verdict }) => [id, verdict])),
  };
}
