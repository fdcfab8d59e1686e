// The run directory: everything that a run saw, in files that a person can read and `verify` can judge again.
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { usageError } from "../base/errors.ts";
import { parseLine, readLines } from "../base/line-file.ts";
import { type DrillResult, drillResultSchema, schemaVersion } from "./result.ts";

export interface RunRecord {
  readonly schemaVersion: number;
  readonly seed: number;
  /** The command that runs this drill again. */
  readonly replay: string;
  readonly startedAt: string;
  readonly version: string;
  readonly commit?: string | undefined;
  readonly options: Readonly<Record<string, unknown>>;
  readonly machine: Readonly<Record<string, unknown>>;
  readonly system: string;
  /** Which build of the engine; figures of another one are not compared with these. */
  readonly engine?: string | undefined;
  /** Ids of the scenarios that this run set out to do; whoever reads the result sees by it what is missing. */
  readonly planned?: readonly string[] | undefined;
}
export const runRecordSchema: z.ZodType<RunRecord> = z.object({
  schemaVersion: z.literal(schemaVersion),
  seed: z.number(),
  replay: z.string(),
  startedAt: z.string(),
  version: z.string(),
  commit: z.string().optional(),
  options: z.record(z.string(), z.unknown()),
  machine: z.record(z.string(), z.unknown()),
  system: z.string(),
  engine: z.string().optional(),
  planned: z.array(z.string()).optional(),
});

/** Writes are small and synchronous, so that what was recorded before a crash is there after it. */
export class RunDirectory {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
    mkdirSync(join(path, "observations"), { recursive: true, mode: 0o700 });
  }

  file(...names: string[]): string {
    return join(this.path, ...names);
  }

  writeRun(record: RunRecord): void {
    this.writeJson("run.json", record);
  }

  writeResult(result: DrillResult): void {
    this.writeJson("result.json", result);
  }

  writeJson(name: string, value: unknown): void {
    writeFileSync(this.file(name), `${JSON.stringify(value, undefined, 2)}\n`, { mode: 0o600 });
  }

  writeText(name: string, text: string): void {
    writeFileSync(this.file(name), text, { mode: 0o600 });
  }

  /** Appends one line of JSON to `name`. */
  append(name: string, line: unknown): void {
    appendFileSync(this.file(name), `${JSON.stringify(line)}\n`, { mode: 0o600 });
  }

  writeObservation(scenario: string, name: string, value: unknown): void {
    const folder = this.observationFolder(scenario);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(value)}\n`, { mode: 0o600 });
  }

  readObservation(scenario: string, name: string): unknown {
    return readJson(join(this.observationFolder(scenario), `${name}.json`));
  }

  observationFolder(scenario: string): string {
    return this.file("observations", scenario.replaceAll("/", "."));
  }
}

export function readRun(path: string): RunRecord {
  return parsed(join(path, "run.json"), runRecordSchema);
}

export function readResult(path: string): DrillResult {
  return parsed(join(path, "result.json"), drillResultSchema);
}

/** Lines of a JSONL file; a torn last line, as a kill leaves it, is dropped. */
export async function readJsonLines(path: string): Promise<unknown[]> {
  const found: unknown[] = [];
  for await (const line of readLines(path)) if (line.complete) found.push(parseLine(path, line));
  return found;
}

function parsed<T>(path: string, schema: z.ZodType<T>): T {
  const result = schema.safeParse(readJson(path));
  if (result.success) return result.data;
  throw usageError(`${path} is not what this version of falkordrill writes: ${z.prettifyError(result.error)}`);
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as unknown;
  } catch (cause) {
    throw usageError(
      `${path} could not be read: ${cause instanceof Error ? cause.message : String(cause)}`,
      "Give the folder of a finished run, for example .falkordrill/runs/<time>-<seed>.",
    );
  }
}
