// Runs the selected scenarios, small ones side by side, and gives the result as plain data. The same scenario files run under
// vitest as tests; here nothing of vitest is loaded, which keeps the harness small beside the engine that it measures.
import type { Progress } from "../../base/progress.ts";
import { judgeRun } from "../../record/checked-run.ts";
import type { DrillOptions } from "./drill-options.ts";
import { replayCommand } from "./options.ts";
import { type Planned, planRun } from "./plan.ts";
import { type DrillResult, type ScenarioResult, schemaVersion } from "../../record/result.ts";
import type { RunDirectory } from "../../record/run-directory.ts";
import { runScenario } from "./run-scenario.ts";
import { deadlineMs, type ScenarioDefinition } from "./scenario-definition.ts";
import { atOnce, inPool, mustRunAlone } from "../side-by-side.ts";

export interface DrillRun {
  readonly directory: RunDirectory;
  /** Ctrl-C; running scenarios then end within their own deadlines, and the rest are reported as interrupted. */
  readonly signal: AbortSignal;
  readonly progressOf: (id: string, title: string) => Progress;
  /** Called with each result as it comes. */
  readonly ended?: (result: ScenarioResult) => void;
}

/** Runs `scenarios`, each with every seed, and keeps each result as it comes, so that a crash leaves what was done. */
export async function runDrill(
  options: DrillOptions,
  scenarios: readonly ScenarioDefinition[],
  run: DrillRun,
): Promise<DrillResult> {
  const pool = { limit: atOnce(options), isAlone: (planned: Planned) => mustRunAlone(planned, options) };
  const results = await inPool(planRun(options, scenarios), pool, async (planned) => {
    const result = run.signal.aborted ? interrupted(options, planned) : await runPlanned(options, planned, run);
    run.directory.addResult(result);
    run.ended?.(result);
    return result;
  });
  const result = resultOf(options, results, run.signal.aborted);
  run.directory.writeResult(result);
  await run.directory.seal();
  return result;
}

async function runPlanned(
  options: DrillOptions,
  { id, scenario, seed }: Planned,
  run: DrillRun,
): Promise<ScenarioResult> {
  return await runScenario(scenario, { ...run, id, options, seed, limitMs: deadlineMs(scenario, options) });
}

/** The result over the scenarios so far. */
export function resultOf(
  options: DrillOptions,
  scenarios: readonly ScenarioResult[],
  wasInterrupted: boolean,
): DrillResult {
  const { verdict, exitCode } = judgeRun(scenarios, wasInterrupted);
  return {
    schemaVersion,
    verdict,
    seed: options.seed,
    exitCode,
    replay: replayCommand(options),
    scenarios,
  };
}

/** A scenario that was selected and did not run is never silently absent. */
function interrupted(options: DrillOptions, { id, scenario, seed }: Planned): ScenarioResult {
  const message = "interrupted before it began";
  return {
    id,
    title: scenario.title,
    verdict: "inconclusive",
    exit: "interrupted",
    durationMs: 0,
    findings: [{ code: "interrupted", severity: "error", subject: id, message, evidence: {} }],
    witnesses: {},
    metrics: {},
    phases: [],
    notCovered: [],
    judged: [],
    replay: replayCommand(options, scenario.id, seed),
  };
}
