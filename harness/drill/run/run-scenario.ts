// Runs one scenario: provides what it needs, turns whatever happens into findings, and judges them.
import type { Progress } from "../../base/progress.ts";
import { systemClock } from "../../base/clock.ts";
import { endedBy } from "../../base/deadline.ts";
import { DrillError, environmentError, errorsOf, type ExitReason, errorMessage } from "../../base/errors.ts";
import { explainSystemError } from "../../base/system-error.ts";
import { engineProvider } from "../../engine/engines.ts";
import { withSettings } from "../../engine/server-settings.ts";
import { watchResources } from "../../measure/resources.ts";
import { canStartEngine } from "../guard/blame.ts";
import type { DrillOptions } from "./drill-options.ts";
import type { Drill } from "../drill.ts";
import { missedObjectives } from "./objectives.ts";
import { replayCommand } from "./options.ts";
import type { FindingClass, FindingCode } from "../../base/findings/finding-codes.ts";
import { type RecordedFinding, ScenarioRecord } from "../../record/record.ts";
import { judgeScenario, type ScenarioResult } from "../../record/result.ts";
import { observationFolder, type RunDirectory } from "../../record/run-directory.ts";
import { startDeadline } from "./scenario-deadline.ts";
import type { ScenarioDefinition } from "./scenario-definition.ts";
import { slownessOf } from "./slowness.ts";
import { asScenario, watchStrayErrors } from "../guard/stray-errors.ts";
import { recordEngine, TrackedEngines } from "../guard/tracked-engines.ts";

export interface ScenarioRun {
  /** Id used in the run's records; the scenario's own where that is unique in the run. */
  readonly id: string;
  readonly options: DrillOptions;
  readonly seed: number;
  readonly directory: RunDirectory;
  readonly signal: AbortSignal;
  readonly progressOf: (id: string, title: string) => Progress;
  /** Deadline on a machine of usual speed; no deadline if omitted. */
  readonly limitMs?: number;
  /** How long a scenario may take to end after `signal` was aborted; then its result is made without it. */
  readonly graceMs?: number;
}

export async function runScenario(definition: ScenarioDefinition, run: ScenarioRun): Promise<ScenarioResult> {
  const { options, seed, directory } = run;
  const record = new ScenarioRecord(run.id, directory);
  using deadline = run.limitMs === undefined ? undefined : startDeadline(run.limitMs, () => slownessOf({ record }));
  const signal = deadline === undefined ? run.signal : AbortSignal.any([run.signal, deadline.signal]);
  const progress = run.progressOf(record.id, definition.title);
  const startedMs = systemClock.monotonicMs();
  const startedAt = new Date(systemClock.nowMs()).toISOString();
  await using watch = watchResources(
    withSettings(
      engineProvider(options.engine, {
        external: options.external,
        wipeConsent: options.wipeConsent,
        progress,
        keepIn: keptEngines(run),
      }),
      options.server,
    ),
    (sample) => directory.append("resources.jsonl", { scenario: record.id, ...sample }),
  );
  // Everything that a scenario left running, even an abandoned one, is stopped with it.
  await using engines = new TrackedEngines(watch.engines, (engine) => recordEngine(record, engine));
  const drill: Drill = {
    id: record.id,
    options,
    seed,
    nodes: definition.nodes ?? options.nodes,
    dims: options.dims,
    signal,
    progress,
    record,
    engines,
    directory,
  };
  const why = await engines.unavailable();
  if (why !== undefined) record.finding(findingOf(unavailable(why), record.id));
  else await perform(definition, drill, run.graceMs);
  // Whatever was judged counts only if the same checks have just caught planted damage.
  if (record.result().judged?.length !== 0 && !record.hasErrors()) record.requireWitnesses("canariesCaught");
  for (const finding of missedObjectives(record, options.objectives)) record.finding(finding);
  record.metric("harnessPeakRssBytes", process.resourceUsage().maxRSS * 1024);
  const result: ScenarioResult = {
    id: record.id,
    title: definition.title,
    ...judgeScenario(record.result().findings),
    startedAt,
    durationMs: Math.round(systemClock.monotonicMs() - startedMs),
    ...record.result(),
    replay: replayCommand(options, definition.id, seed),
  };
  return result;
}

/** With --keep the folders of engines stay in the run directory; otherwise they are removed with the engines. */
function keptEngines({ options, directory, id }: ScenarioRun): string | undefined {
  return options.keep ? directory.file("engines", observationFolder(id)) : undefined;
}

/** Long enough to abandon a call of the system under test and to run the scenario's cleanup. */
const graceDefaultMs = 30_000;

/** Runs the scenario to its end or abandons it; either way its outcome is recorded. */
async function perform(definition: ScenarioDefinition, drill: Drill, graceMs: number = graceDefaultMs): Promise<void> {
  const { record, signal } = drill;
  await using _stray = watchStrayErrors(record.id, (error, system) =>
    record.finding(strayFinding(error, system, record.id)),
  );
  try {
    await endedBy(
      asScenario(record.id, () => definition.run(drill)),
      signal,
      graceMs,
    );
    // Ctrl-C in the last step: what came after it may be missing.
    signal.throwIfAborted();
  } catch (thrown) {
    // An error during cleanup does not hide an earlier one.
    for (const error of errorsOf(thrown)) record.finding(findingOf(await blamed(error, drill), record.id));
  }
}

/** Returns what really ended the scenario. Node's functions throw a bare AbortError where the abort reason matters. */
async function blamed(thrown: unknown, { signal, engines }: Drill): Promise<unknown> {
  const error = explainSystemError(thrown) ?? thrown;
  if (signal.aborted && !isVerdict(error)) return signal.reason instanceof DrillError ? signal.reason : interruption();
  if (!(error instanceof DrillError) || error.exit !== "environment" || error.findingCode === "environment")
    return error;
  if (!(await canStartEngine(engines, signal))) return error;
  // The machine runs an engine, so it is not at fault; the cause is unknown.
  const hint = error.hint === undefined ? {} : { hint: error.hint };
  return new DrillError(error.message, { exit: "inconclusive", code: "assumption-broken", cause: error, ...hint });
}

/** Whether a failure of the system was found before the abort, or because of it. */
function isVerdict(error: unknown): boolean {
  return error instanceof DrillError && (error.exit === "dataWrong" || error.exit === "notRecovered");
}

function interruption(): DrillError {
  return new DrillError("interrupted before it ended", { exit: "interrupted" });
}

function unavailable(why: string): DrillError {
  return environmentError(why, "`falkordrill doctor` shows which engines this machine can run.");
}

/**
 * Converts the error that ended a scenario into a finding: the system's fault, the machine's, the drill's, or Ctrl-C.
 */
function findingOf(error: unknown, subject: string): RecordedFinding {
  const base = { severity: "error", subject, message: errorMessage(error) } as const;
  if (!(error instanceof DrillError))
    return { ...base, code: "internal-error", evidence: { stack: error instanceof Error ? error.stack : undefined } };
  const evidence = error.evidence ?? (error.exit === "internal" ? { stack: error.stack } : {});
  const hint = error.hint === undefined ? {} : { hint: error.hint };
  const [code, findingClass] = codes[error.exit];
  return { ...base, code: error.findingCode ?? code, class: findingClass, evidence, ...hint };
}

function strayFinding(error: unknown, system: string | undefined, subject: string): RecordedFinding {
  const stack = error instanceof Error ? error.stack : undefined;
  const base = { severity: "error", subject, evidence: { stack } } as const;
  const what = `an error that nothing waited for: ${errorMessage(error)}`;
  return system === undefined
    ? { ...base, code: "internal-error", message: `the drill left ${what}` }
    : { ...base, code: "system-failed", message: `the ${system} system left ${what}` };
}

/** Finding code (for errors without their own) and class by exit reason. */
const codes: Readonly<Record<ExitReason, readonly [FindingCode, FindingClass]>> = {
  dataWrong: ["data-refused", "data"],
  notRecovered: ["not-recovered", "recovery"],
  objectiveMissed: ["objective-missed", "objective"],
  inconclusive: ["assumption-broken", "vigour"],
  environment: ["environment", "environment"],
  usage: ["usage", "usage"],
  interrupted: ["interrupted", "interrupted"],
  internal: ["internal-error", "internal"],
  pass: ["internal-error", "internal"],
};
