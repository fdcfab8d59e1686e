// Reads what can be compared: a run directory, a folder of them, or a file of runs as `bench --history` writes it.
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import {
  figuresOf,
  historySchemaVersion,
  type MeasuredRun,
  measuredRunSchema,
} from "../../../reports/regression/measured-run.ts";
import { usageError } from "../../base/errors.ts";
import { formatBytes } from "../../base/units.ts";
import { readJsonLines, readResult, readRun, type RunRecord } from "../../record/run-directory.ts";

export async function readMeasuredRuns(path: string): Promise<readonly MeasuredRun[]> {
  if (!existsSync(path)) {
    throw usageError(`${path} does not exist`, "Give a run directory, a folder of them, or a file of bench --history.");
  }
  if (statSync(path).isFile()) return await readJsonLines(path, measuredRunSchema);
  if (existsSync(join(path, "run.json"))) return [await drillRun(path)];
  const folders = readdirSync(path)
    .toSorted()
    .map((name) => join(path, name))
    .filter((folder) => existsSync(join(folder, "run.json")) && existsSync(join(folder, "result.json")));
  if (folders.length > 0) return await Promise.all(folders.map(drillRun));
  throw usageError(`${path} is not a run directory and contains none`, "A run directory has a run.json.");
}

async function drillRun(path: string): Promise<MeasuredRun> {
  const record = readRun(path);
  const { scenarios } = await readResult(path);
  return {
    schemaVersion: historySchemaVersion,
    at: record.startedAt,
    version: record.version,
    commit: record.commit,
    provenance: provenanceOf(record),
    figures: figuresOf(scenarios),
    scenarios: scenarios.map(({ id, verdict, exit }) => ({ id, verdict, exit })),
  };
}

/** What decides how much work a drill does. The seed only chooses among graphs of one shape. */
const configuration = ["profile", "nodes", "dims", "shape", "schema", "engine"] as const;

function provenanceOf({ machine, options, engine, system }: RunRecord): MeasuredRun["provenance"] {
  const memory = machine["memoryBytes"];
  // One key per value, so that a refusal names the one that differs.
  const configured = configuration.map((name) => [name, String(options[name])]);
  return {
    machine: `${String(machine["cpus"])} x ${String(machine["cpu"])}, ${typeof memory === "number" ? formatBytes(memory) : "memory unknown"}`,
    platform: String(machine["platform"]),
    node: String(machine["node"]),
    ...(engine === undefined ? {} : { "engine build": engine }),
    ...Object.fromEntries(configured),
    system,
  };
}
