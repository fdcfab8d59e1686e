// Runs the selected scenarios through vitest in one worker of this process, and gives the result as plain data.
import { existsSync } from "node:fs";
import { createVitest, type Vitest } from "vitest/node";
import type { Reporter } from "vitest/node";
import { exitCodes, messageOf } from "../base/errors.ts";
import { packageRoot } from "../base/package.ts";
import { type DrillOptions, replayCommand } from "./options.ts";
import { type DrillResult, judgeDrill, type ScenarioResult, scenarioResultSchema, schemaVersion } from "./result.ts";
import { readJsonLines, type RunDirectory } from "./run-directory.ts";
import type { ScenarioDefinition } from "./scenario.ts";
import "./provided.ts";
import { scenarioFiles } from "./scenario-files.ts";
import type { Selection } from "./selection.ts";

/** Runs `scenarios` and writes result.json. Ctrl-C aborts `signal`; the run then ends within its own deadlines. */
export async function runDrill(
  options: DrillOptions,
  scenarios: readonly ScenarioDefinition[],
  directory: RunDirectory,
  signal: AbortSignal,
): Promise<DrillResult> {
  const selection: Selection = { ids: scenarios.map((scenario) => scenario.id), options };
  const failures: string[] = [];
  const vitest = await quietVitest(selection, failures);
  const cancel = (): void => void vitest.cancelCurrentRun("keyboard-input");
  signal.addEventListener("abort", cancel, { once: true });
  try {
    await vitest.start();
  } finally {
    signal.removeEventListener("abort", cancel);
    await vitest.close();
  }
  const finished = readFinished(directory);
  const results = [...finished, ...missing(options, scenarios, finished, failures, signal)];
  const { verdict, exitCode } = judgeDrill(results);
  const result: DrillResult = {
    schemaVersion,
    verdict,
    seed: options.seed,
    exitCode: signal.aborted ? exitCodes.interrupted : exitCode,
    replay: replayCommand(options),
    scenarios: results,
  };
  directory.writeResult(result);
  return result;
}

async function quietVitest(selection: Selection, failures: string[]): Promise<Vitest> {
  const collector: Reporter = {
    onTestRunEnd: (modules, unhandled) => {
      for (const module of modules) failures.push(...module.errors().map((error) => error.message));
      failures.push(...unhandled.map((error) => error.message));
    },
  };
  const before = { SIGINT: process.listeners("SIGINT"), SIGTERM: process.listeners("SIGTERM") };
  const vitest = await createVitest("test", {
    root: packageRoot(),
    config: false,
    watch: false,
    include: scenarioFiles(),
    exclude: [],
    // One worker thread: scenarios run one after the other, and the process's memory is the harness's memory.
    pool: "threads",
    maxWorkers: 1,
    fileParallelism: false,
    isolate: false,
    experimental: { viteModuleRunner: false, nodeLoader: false },
    provide: { falkordrill: selection },
    reporters: [collector],
    teardownTimeout: 20_000,
    retry: 0,
  });
  // vitest leaves the process one millisecond after a signal; the drill must get time to put things right.
  for (const name of ["SIGINT", "SIGTERM"] as const)
    for (const listener of process.listeners(name)) if (!before[name].includes(listener)) process.off(name, listener);
  return vitest;
}

function readFinished(directory: RunDirectory): ScenarioResult[] {
  const path = directory.file("scenarios.jsonl");
  return existsSync(path) ? readJsonLines(path).map((line) => scenarioResultSchema.parse(line)) : [];
}

/** A scenario that was selected and left no result is never silently absent. */
function missing(
  options: DrillOptions,
  scenarios: readonly ScenarioDefinition[],
  finished: readonly ScenarioResult[],
  failures: readonly string[],
  signal: AbortSignal,
): ScenarioResult[] {
  const done = new Set(finished.map((result) => result.id.split("@")[0]));
  const why = signal.aborted ? "interrupted" : "internal-error";
  const message = signal.aborted
    ? "interrupted before it was done"
    : `it left no result: ${failures[0] === undefined ? "vitest gave no reason" : messageOf(failures[0])}`;
  return scenarios
    .filter((scenario) => !done.has(scenario.id))
    .map((scenario) => ({
      id: scenario.id,
      title: scenario.title,
      verdict: "inconclusive",
      exit: signal.aborted ? "interrupted" : "internal",
      durationMs: 0,
      findings: [{ code: why, severity: "error", subject: scenario.id, message, evidence: { failures } }],
      witnesses: {},
      metrics: {},
      phases: [],
      notCovered: [],
      replay: replayCommand(options, scenario.id),
    }));
}
