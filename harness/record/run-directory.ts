// The run directory: everything that a run observed, in files that a person can read and `verify` can judge again.
import { appendFileSync, closeSync, existsSync, mkdirSync, openSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";
import type { Checkout } from "../base/checkout.ts";
import { type DrillError, environmentError, errorMessage, usageError } from "../base/errors.ts";
import { appending, parseLine, readLines } from "../base/files/line-file.ts";
import { makeFolder } from "../base/files/make-folder.ts";
import { sha256Of } from "../base/files/sha256.ts";
import { writing } from "../base/system-error.ts";
import { mustBeOutsideVaults } from "../vault/keys/outside-vaults.ts";
import { writeWhole } from "../base/files/write-whole.ts";
import {
  type DrillResult,
  drillResultSchema,
  judgeDrill,
  type ScenarioResult,
  scenarioResultSchema,
  schemaVersion,
} from "./result.ts";
import { sealFile, sealOf } from "./seal.ts";

export const runSchemaVersion = 1;

export interface RunRecord {
  readonly schemaVersion: number;
  readonly seed: number;
  /** The command that runs this drill again. */
  readonly replay: string;
  readonly startedAt: string;
  readonly version: string;
  readonly commit?: string | undefined;
  /** The checkout in the folder where the run was started. */
  readonly checkout?: Checkout | undefined;
  readonly options: Readonly<Record<string, unknown>>;
  readonly machine: Readonly<Record<string, unknown>>;
  readonly system: string;
  /** Build of the engine; figures of different builds are not compared. */
  readonly engine?: string | undefined;
  /** Ids of the scenarios that this run planned; they show a reader of the result what is missing. */
  readonly planned?: readonly string[] | undefined;
}
export const runRecordSchema: z.ZodType<RunRecord> = z.object({
  schemaVersion: z.literal(runSchemaVersion),
  seed: z.number(),
  replay: z.string(),
  startedAt: z.iso.datetime(),
  version: z.string(),
  commit: z.string().optional(),
  checkout: z.object({ commit: z.string(), isClean: z.boolean() }).optional(),
  options: z.record(z.string(), z.unknown()),
  machine: z.record(z.string(), z.unknown()),
  system: z.string(),
  engine: z.string().optional(),
  planned: z.array(z.string()).optional(),
});

/** Writes are small and synchronous, so that everything recorded before a crash survives it. */
export class RunDirectory {
  readonly path: string;
  /** SHA-256 of every observation as written. */
  readonly #observed = new Map<string, string>();

  private constructor(path: string) {
    this.path = path;
  }

  /** Creates a run directory; refuses a folder that another run has taken, even if both start at once. */
  static create(path: string): RunDirectory {
    mustBeOutsideVaults(path, "the run directory");
    makeFolder(path);
    if (existsSync(join(path, "run.json")) || !tookFolder(join(path, observationsFolder))) throw alreadyHeld(path);
    return new RunDirectory(path);
  }

  /** Refuses what `create` would refuse, and creates nothing. */
  static mustBeFree(path: string): void {
    mustBeOutsideVaults(path, "the run directory");
    if (["run.json", observationsFolder].some((name) => existsSync(join(path, name)))) throw alreadyHeld(path);
  }

  /** Opens the directory of an earlier run for reading. */
  static open(path: string): RunDirectory {
    return new RunDirectory(path);
  }

  file(...names: string[]): string {
    return join(this.path, ...names);
  }

  writeRun(record: RunRecord): void {
    this.writeJson("run.json", record);
  }

  /** Stores the result of one scenario as soon as it is known. */
  addResult(result: ScenarioResult): void {
    this.append(resultsFile, result);
  }

  writeResult(result: DrillResult): void {
    this.writeJson("result.json", result);
  }

  /** The last file that a run writes: the hashes of everything its verdict is based on. */
  async seal(): Promise<void> {
    // Observations make their folders anew, so a run notices only here that what it wrote before is gone.
    if (!existsSync(this.file("run.json")))
      throw environmentError(
        `the run directory ${this.path} was removed or moved while the run went on`,
        "Run it again, and leave that folder alone until it has ended.",
      );
    this.writeText(sealFile, await sealOf(this.path, this.#observed));
  }

  writeJson(name: string, value: unknown): void {
    this.writeText(name, `${JSON.stringify(value, undefined, 2)}\n`);
  }

  writeText(name: string, text: string): void {
    writeWhole(this.file(name), text);
  }

  /** Appends one line of JSON to `name`. */
  append(name: string, line: unknown): void {
    const path = this.file(name);
    writing(path, () => appendLine(path, `${JSON.stringify(line)}\n`));
  }

  /** Returns the SHA-256 of the written content. */
  writeObservation(scenario: string, name: string, value: unknown): string {
    const relative = observationFile(scenario, name);
    const text = `${JSON.stringify(value)}\n`;
    makeFolder(this.file(dirname(relative)));
    this.writeText(relative, text);
    const sha256 = sha256Of(text);
    this.#observed.set(relative, sha256);
    return sha256;
  }

  /** Returns the observation if it still has this hash. */
  readObservation(scenario: string, name: string, sha256: string): unknown {
    const relative = observationFile(scenario, name);
    const bytes = readBytes(this.file(relative));
    if (sha256Of(bytes) !== sha256) throw usageError(`${relative} is not what was judged: it was changed afterwards`);
    return parseJson(this.file(relative), bytes.toString("utf8"));
  }
}

/** Not through a link that somebody put there before the run. */
function appendLine(path: string, line: string): void {
  const file = openSync(path, appending, 0o600);
  try {
    appendFileSync(file, line);
  } finally {
    closeSync(file);
  }
}

const observationsFolder = "observations";
const resultsFile = "results.jsonl";

/** Folder of observations/ for this scenario. */
export function observationFolder(scenario: string): string {
  return scenario.replaceAll("/", ".");
}

/** Never outside the run directory, whatever the names are. */
function observationFile(scenario: string, name: string): string {
  const folder = observationFolder(scenario);
  if (!isPlainName(folder) || !isPlainName(name))
    throw usageError(`"${scenario}" and "${name}" do not name an observation of a run`);
  return `${observationsFolder}/${folder}/${name}.json`;
}

function isPlainName(name: string): boolean {
  return /^[\w@~+-][\w@~+.:-]*$/.test(name);
}

function alreadyHeld(path: string): DrillError {
  return usageError(
    `${path} already holds a run`,
    "Give another folder with --out; two runs in one mix their histories.",
  );
}

/** Creating the folder claims it: only one process can. */
function tookFolder(path: string): boolean {
  return writing(path, () => {
    try {
      mkdirSync(path, { mode: 0o700 });
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
      throw error;
    }
  });
}

export function readRun(path: string): RunRecord {
  return parsed(join(path, "run.json"), runRecordSchema);
}

/** Returns the scenarios that had ended in a killed run: never a pass, because it is not sealed. */
export async function readResult(path: string): Promise<DrillResult> {
  if (existsSync(join(path, "result.json"))) return parsed(join(path, "result.json"), drillResultSchema);
  const { seed, replay } = readRun(path);
  const results = join(path, resultsFile);
  const scenarios = existsSync(results) ? await readJsonLines(results, scenarioResultSchema) : [];
  return { schemaVersion, seed, replay, scenarios, ...judgeDrill(scenarios) };
}

export async function readJsonLines<T>(path: string, schema: z.ZodType<T>): Promise<T[]> {
  return await Array.fromAsync(eachJsonLine(path, schema));
}

/** Lines of a JSONL file; a torn last line, as a kill leaves it, is dropped. */
export async function* eachJsonLine<T>(path: string, schema: z.ZodType<T>): AsyncGenerator<T> {
  for await (const line of readLines(path)) {
    if (!line.complete) break;
    const value = schema.safeParse(parseLine(path, line));
    if (!value.success)
      throw usageError(
        `${path}, line ${line.number} is not what this version of falkordrill writes: ${oneIssue(value)}`,
      );
    yield value.data;
  }
}

function oneIssue({ error }: { error: z.ZodError }): string {
  return z.prettifyError(error).replaceAll(/\s*\n\s*/g, " ");
}

function parsed<T>(path: string, schema: z.ZodType<T>): T {
  const result = schema.safeParse(parseJson(path, readBytes(path).toString("utf8")));
  if (result.success) return result.data;
  throw usageError(`${path} is not what this version of falkordrill writes: ${oneIssue(result)}`);
}

const hint = "Give the folder of a finished run, for example .falkordrill/runs/<time>-<seed>.";

function readBytes(path: string): Buffer {
  try {
    // A pipe would be waited for without end.
    if (!statSync(path).isFile()) throw new Error("it is not a file");
    return readFileSync(path);
  } catch (error) {
    throw usageError(`${path} could not be read: ${errorMessage(error)}`, hint);
  }
}

function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw usageError(`${path} is not JSON: ${errorMessage(error)}`, hint);
  }
}
