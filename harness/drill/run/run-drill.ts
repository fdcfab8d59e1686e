// Runs the selected scenarios, small ones concurrently, and returns the result as plain data. The same scenario files
// run under vitest as tests; here vitest is not loaded, which keeps the harness small next to the engine that it
// measures.
import { type Progress, silentProgress } from "../../base/progress.ts";
import { engineIdentity } from "../../engine/identity.ts";
import { judgeRun } from "../../record/checked-run.ts";
import { describeRun } from "./describe-run.ts";
import type { DrillOptions } from "./drill-options.ts";
import { expectedMs } from "./durations.ts";
import { replayCommand } from "./options.ts";
import type { DrillPlan, Planned } from "./plan.ts";
import { type DrillResult, type ScenarioResult, schemaVersion } from "../../record/result.ts";
import { RunDirectory } from "../../record/run-directory.ts";
import { runScenario } from "./run-scenario.ts";
import { deadlineMs } from "./scenario-definition.ts";
import { atOnce, aloneThenLongest, inPool, mustRunAlone } from "../side-by-side.ts";

export interface DrillRun {
  /**
   * Aborted by Ctrl-C; running scenarios then end within their own deadlines, and the others are reported as
   * interrupted.
   */
  readonly signal?: AbortSignal;
  /** Receives the steps of a scenario; by default they are discarded. */
  readonly progressOf?: (id: string, title: string) => Progress;
  /** Called with each result as it arrives. */
  readonly ended?: (result: ScenarioResult) => void;
}

interface Running extends Required<Omit<DrillRun, "ended">> {
  readonly options: DrillOptions;
  readonly directory: RunDirectory;
}

/**
 * Runs a plan into a new run directory and stores each result at once, so that a crash leaves what was done. An error
 * of a scenario becomes a finding of its result. Throws a `DrillError` (`usage`, exit code 2) if the directory already
 * holds a run.
 */
export async function runDrill(
  { options, scenarios, notCovered = [] }: Omit<DrillPlan, "notCovered"> & Partial<Pick<DrillPlan, "notCovered">>,
  { signal = new AbortController().signal, progressOf = () => silentProgress, ended }: DrillRun = {},
): Promise<DrillResult> {
  const directory = RunDirectory.create(options.out);
  const ids = scenarios.map(({ id }) => id);
  directory.writeRun(describeRun(options, ids, await knownEngine(options)));
  const running = { options, directory, signal, progressOf };
  const isAlone = (planned: Planned): boolean => mustRunAlone(planned, options);
  const inTurn = aloneThenLongest(scenarios, { isAlone, expectedMs: ({ scenario }) => expectedMs(scenario, options) });
  const ran = await inPool(inTurn, { limit: atOnce(options), isAlone }, async (planned) => {
    const result = signal.aborted ? interrupted(options, planned) : await runPlanned(planned, running);
    directory.addResult(result);
    ended?.(result);
    return result;
  });
  const results = scenarios.flatMap((planned) => ran[inTurn.indexOf(planned)] ?? []);
  const result = { ...resultOf(options, results, signal.aborted), ...(notCovered.length > 0 && { notCovered }) };
  directory.writeResult(result);
  await directory.seal();
  return result;
}

/** A machine without an engine is reported in the result of the drill; here the engine is only left unnamed. */
async function knownEngine({ engine }: DrillOptions): Promise<string | undefined> {
  return await engineIdentity(engine === "auto" ? "embedded" : engine).catch(() => undefined);
}

async function runPlanned({ id, scenario, seed }: Planned, running: Running): Promise<ScenarioResult> {
  return await runScenario(scenario, { ...running, id, seed, limitMs: deadlineMs(scenario, running.options) });
}

/** The result of the scenarios so far. */
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

/** A selected scenario that did not run is always listed. */
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
