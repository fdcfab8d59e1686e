// `falkordrill shrink`: from a run directory to the smallest reproduction, as a replay file, a script and a sentence.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { errorMessage, exitCodes, usageError } from "../base/errors.ts";
import { makeFolder } from "../base/files/make-folder.ts";
import { mustBeOutsideVaults } from "../vault/keys/outside-vaults.ts";
import { writeWhole } from "../base/files/write-whole.ts";
import type { Progress } from "../base/progress.ts";
import { formatCount } from "../base/units.ts";
import type { EngineProvider } from "../engine/engine.ts";
import { classOfFinding, exitOfClass, type StoredFinding } from "../record/result.ts";
import type { Mutate } from "../system/system.ts";
import { caseOf, storedCase } from "./case-file.ts";
import { identityOf } from "./finding-identity.ts";
import { rateOf } from "../../reports/statistics/wilson.ts";
import { rateText, triesUntilLost } from "./rate.ts";
import { type ShrunkReplay, replaySchema } from "./replay-file.ts";
import { systemOf } from "./run-options.ts";
import { scriptOf } from "./script.ts";
import { type CaseSize, caseSize } from "./shrink-case.ts";
import { shrinkFinding, type ShrunkFinding } from "./shrink.ts";
import { mustBeSmall, startingPoint, type WantedFinding } from "./starting-point.ts";
import { tryCase } from "./try-case.ts";

export interface ShrinkOptions extends WantedFinding {
  /** Folder for the results; `shrunk` in the run directory by default. */
  readonly out?: string | undefined;
  readonly timeoutMs: number;
  readonly engines: EngineProvider;
  /** The fault of a mutant by the name of the system; undefined for any other. */
  readonly mutationOf: (system: string) => Promise<Mutate | undefined>;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

export interface ShrinkReport {
  readonly sentence: string;
  readonly finding: StoredFinding;
  readonly scenario: string;
  readonly before: CaseSize;
  readonly after: CaseSize;
  readonly shown: number;
  readonly tries: number;
  readonly rate: string;
  readonly isEngine: boolean;
  /** All tries, and how long one took. */
  readonly triesInAll: number;
  readonly ms: number;
  readonly notes: readonly string[];
  readonly files: { readonly replay: string; readonly script: string };
}

export async function shrinkRun(directory: string, options: ShrinkOptions): Promise<ShrinkReport> {
  const { timeoutMs, engines, progress, signal } = options;
  const { scenario, finding, whole, seed, options: run, notes } = await startingPoint(directory, options);
  mustBeSmall(whole);
  const system = await systemOf(run, await options.mutationOf(run.system));
  const found = await shrinkFinding({ finding, whole, system, engines, seed, timeoutMs, progress, signal });
  const { check, isEngine, rate, shrunk } = found;
  const sentence = sentenceOf(found, system.name);
  const out = options.out ?? join(directory, "shrunk");
  mustBeOutsideVaults(out, "the data of the finding");
  makeFolder(out);
  const files = { replay: join(out, "replay.json"), script: join(out, "repro.sh") };
  const replay: ShrunkReplay = {
    schemaVersion: 1,
    sentence,
    system: run.system,
    ...(run.config === undefined ? {} : { config: run.config }),
    seed,
    scenario,
    finding: found.finding,
    identity: found.identity,
    case: storedCase(shrunk),
    shown: rate.shown,
    tries: rate.tries,
    isEngine,
  };
  writeWhole(files.replay, `${JSON.stringify(replay, undefined, 2)}\n`);
  writeWhole(files.script, scriptOf({ sentence, shrunk, system, isEngine, code: found.finding.code, check }));
  return {
    sentence,
    finding: found.finding,
    scenario,
    before: found.before,
    after: found.after,
    shown: rate.shown,
    tries: rate.tries,
    rate: rateText(rate),
    isEngine,
    triesInAll: found.tries,
    ms: found.ms,
    notes: [...notes, ...stoppedNote(found)],
    files,
  };
}

function stoppedNote({ stopped }: ShrunkFinding): string[] {
  if (stopped === undefined) return [];
  const why = stopped === "deadline" ? "the time was over" : "it was interrupted";
  return [`${why} before everything had been tried: a smaller case may exist`];
}

/** What happens with how little, and how surely. */
function sentenceOf({ finding, after, rate, isEngine }: ShrunkFinding, system: string): string {
  const size = [
    counted(after.nodes, "node"),
    counted(after.edges, "edge"),
    ...(after.indexes === 0 ? [] : [counted(after.indexes, "index", "indexes")]),
    ...(after.operations === 0 ? [] : [counted(after.operations, "operation")]),
  ];
  const who = isEngine ? "FalkorDB itself, without a backup system," : `the ${system} system`;
  const [message = ""] = finding.message.split("\n");
  return `With ${size.join(", ")}, ${who} shows ${finding.code}: ${message}; it ${rateText(rate)}.`;
}

function counted(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

export interface ReplayOptions extends Pick<ShrinkOptions, "engines" | "mutationOf" | "signal"> {
  readonly progress: Progress;
}

export interface ReplayReport {
  readonly sentence: string;
  /** The finding, if it showed again. */
  readonly finding: StoredFinding | undefined;
  readonly tries: number;
  readonly exitCode: number;
}

/** Tries a shrunk case again, as often as its rate asks for before it can be called gone. */
export async function replayShrunk(file: string, options: ReplayOptions): Promise<ReplayReport> {
  const replay = readReplay(file);
  const { engines, signal, progress } = options;
  const system = await systemOf(
    { system: replay.system, config: replay.config },
    await options.mutationOf(replay.system),
  );
  const role = replay.finding.judgement?.startsWith("source") === true ? "source" : "target";
  const shrunk = caseOf(replay.case);
  const { nodes, edges } = caseSize(shrunk);
  const triesMax = triesUntilLost(rateOf(replay.shown, replay.tries));
  for (let tries = 1; tries <= triesMax; tries += 1) {
    progress.step(`try ${tries} of at most ${triesMax}, with ${nodes} nodes and ${edges} edges`);
    const { findings } = await tryCase(shrunk, { system, engines, seed: replay.seed, signal, role });
    const finding = findings.find((found) => identityOf(found) === replay.identity);
    if (finding === undefined) continue;
    const exitCode = exitCodes[finding.severity === "error" ? exitOfClass[classOfFinding(finding)] : "dataWrong"];
    return { sentence: `It shows again: ${finding.code}: ${finding.message}`, finding, tries, exitCode };
  }
  const sentence = `${replay.finding.code} did not show in ${triesMax} ${triesMax === 1 ? "try" : "tries"}`;
  return { sentence, finding: undefined, tries: triesMax, exitCode: exitCodes.pass };
}

function readReplay(file: string): ShrunkReplay {
  const hint = "Give the replay.json that `falkordrill shrink` wrote.";
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, "utf8")) as unknown;
  } catch (error) {
    throw usageError(`${file} could not be read: ${errorMessage(error)}`, hint);
  }
  const parsed = replaySchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw usageError(`${file} is not a replay file: ${z.prettifyError(parsed.error).replaceAll(/\s*\n\s*/g, " ")}`, hint);
}
