// Runs a mutant in its drill and says whether it was found: by findings that name its effect, in the run and again from
// its stored files.
import { join } from "node:path";
import { DrillError, type ExitReason } from "../base/errors.ts";
import { systemClock } from "../base/clock.ts";
import { privateFolder } from "../base/process/reaper.ts";
import { silentProgress } from "../base/progress.ts";
import { describeRun } from "../drill/run/describe-run.ts";
import type { DrillOptions } from "../drill/run/drill-options.ts";
import { resolveOptions } from "../drill/run/options.ts";
import { resultOf } from "../drill/run/run-drill.ts";
import { runScenario } from "../drill/run/run-scenario.ts";
import { importScenarios } from "../drill/run/scenario-files.ts";
import type { ScenarioDefinition } from "../drill/run/scenario-definition.ts";
import { registeredScenarios } from "../drill/run/scenario.ts";
import { judgeScenario, type ScenarioResult, type StoredFinding } from "../record/result.ts";
import { RunDirectory } from "../record/run-directory.ts";
import { verifyRun } from "../record/verify-run.ts";
import type { Mutant } from "./mutant.ts";
import { type SmallDrill, smallDrill } from "./small-drills.ts";

export interface MutantRun {
  readonly seed: number;
  readonly signal: AbortSignal;
}

export interface MutantResult {
  readonly mutant: Mutant;
  readonly status: "killed" | "survived";
  /** Why a survivor is one, as a sentence. */
  readonly why?: string;
  /** Finding codes of severity error. */
  readonly codes: readonly string[];
  /** The first finding that names its effect. */
  readonly first: StoredFinding | undefined;
  readonly ms: number;
}

export async function runMutant(mutant: Mutant, run: MutantRun): Promise<MutantResult> {
  const startedMs = systemClock.monotonicMs();
  let applied = 0;
  const mutate: NonNullable<DrillOptions["mutate"]> = (system, { vault }) =>
    mutant.mutate(system, { vault, applied: () => (applied += 1) });
  const { result, again } = await drillOnce(await drillOf(mutant), { ...run, mutate });
  const why = applied === 0 ? "its fault was never done" : whySurvived(mutant, result, again);
  const errors = result.findings.filter(({ severity }) => severity === "error");
  return {
    mutant,
    status: why === undefined ? "killed" : "survived",
    ...(why === undefined ? {} : { why }),
    codes: [...new Set(errors.map(({ code }) => code))],
    first: result.findings.find(({ code }) => mutant.finds.some((each) => each === code)),
    ms: systemClock.monotonicMs() - startedMs,
  };
}

/** The drill of a mutant without its fault, which has to pass; its findings if it does not. */
export async function runOriginal(drill: ScenarioDefinition, run: MutantRun): Promise<readonly StoredFinding[]> {
  const { result } = await drillOnce(drill, { ...run, mutate: undefined });
  return result.exit === "pass" ? [] : result.findings;
}

/** The drill that has to find a mutant. */
export async function drillOf({ drill = "restored" }: Pick<Mutant, "drill">): Promise<ScenarioDefinition> {
  if (!drill.includes("/")) return smallDrill(drill as SmallDrill);
  await importScenarios();
  const found = registeredScenarios().find(({ id }) => id === drill);
  if (found === undefined) throw new DrillError(`there is no scenario ${drill}`, { exit: "internal" });
  return found;
}

interface Judged {
  readonly result: ScenarioResult;
  /** The same from the stored files. */
  readonly again: ScenarioResult | undefined;
}

const ownNodes = 300;
const dims = 4;

async function drillOnce(
  definition: ScenarioDefinition,
  { seed, signal, mutate }: MutantRun & Pick<DrillOptions, "mutate">,
): Promise<Judged> {
  await using folder = await privateFolder("prove");
  const options = resolveOptions({ profile: "pr", nodes: ownNodes, dims, seed, mutate, out: join(folder.path, "run") });
  const directory = RunDirectory.create(options.out);
  const { id } = definition;
  directory.writeRun(describeRun(options, [id]));
  const running = { id, options, seed, directory, signal, progressOf: () => silentProgress };
  const result = await runScenario(definition, running);
  directory.addResult(result);
  directory.writeResult(resultOf(options, [result], false));
  await directory.seal();
  const { scenarios } = await verifyRun(options.out);
  return { result, again: scenarios[0] };
}

/** Undefined where a finding names the effect, nothing of ours failed, and the stored files say the same. */
function whySurvived(
  { finds, exit }: Mutant,
  result: ScenarioResult,
  again: ScenarioResult | undefined,
): string | undefined {
  const found = result.findings.filter(({ code }) => finds.some((each) => each === code));
  const missing = finds.filter((code) => !found.some((finding) => finding.code === code));
  const said = result.findings.map(({ code, message }) => `${code}: ${message}`).join("; ") || "nothing";
  if (missing.length > 0) return `${missing.join(", ")} was not found, but ${said}`;
  const own: ExitReason = judgeScenario(found).exit;
  if (own !== exit) return `its findings end in ${own} and not in ${exit}`;
  const ours = result.findings.find(({ code }) => code === "internal-error" || code === "environment");
  if (ours !== undefined) return `the drill itself failed: ${ours.message}`;
  const codes = (findings: readonly StoredFinding[] = []): string =>
    findings
      .map(({ code }) => code)
      .toSorted()
      .join();
  return codes(again?.findings) === codes(result.findings) ? undefined : "the stored files say otherwise";
}
