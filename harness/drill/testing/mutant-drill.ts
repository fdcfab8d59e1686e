// A small drill of a backup system with a fault put in, judged twice, and what it found.
import { join } from "node:path";
import { expect } from "vitest";
import type { Mutant } from "../../../fixtures/mutants/mutant.ts";
import { privateFolder } from "../../base/process/reaper.ts";
import { silentProgress } from "../../base/progress.ts";
import { judgeScenario, type ScenarioResult } from "../../record/result.ts";
import { RunDirectory } from "../../record/run-directory.ts";
import { verifyRun } from "../../record/verify-run.ts";
import { cycle } from "../cycle.ts";
import { type CyclePlan, fullCyclePlan } from "../cycle-plan.ts";
import type { Drill } from "../drill.ts";
import { describeRun } from "../run/describe-run.ts";
import { resolveOptions } from "../run/options.ts";
import { resultOf } from "../run/run-drill.ts";
import { runScenario } from "../run/run-scenario.ts";

export const mutantPlan: CyclePlan = { ...fullCyclePlan, rawLimits: false, writers: 0, disaster: "none" };
const seed = 11;

/** Judged twice: while it runs, and from its files. */
export async function drillOf(run: (drill: Drill) => Promise<unknown>): Promise<ScenarioResult> {
  await using folder = await privateFolder("mutant");
  const options = resolveOptions({ profile: "pr", nodes: 300, dims: 4, out: join(folder.path, "run") });
  const directory = RunDirectory.create(options.out);
  const id = "cycle/mutant";
  directory.writeRun(describeRun(options, [id]));
  const definition = {
    id,
    title: "a mutant",
    profiles: ["pr"],
    nodes: 300,
    run: async (drill: Drill) => void (await run(drill)),
  } as const;
  const result = await runScenario(definition, {
    id,
    options,
    seed,
    directory,
    signal: new AbortController().signal,
    progressOf: () => silentProgress,
  });
  directory.writeResult(resultOf(options, [result], false));
  await directory.seal();
  const again = await verifyRun(options.out);
  expect(again.scenarios.map(({ exit, findings }) => ({ exit, codes: codesOf(findings) }))).toEqual([
    { exit: result.exit, codes: codesOf(result.findings) },
  ]);
  return result;
}

function codesOf(findings: ScenarioResult["findings"]): string[] {
  return findings.map(({ code }) => code).toSorted();
}

/** Puts several unrelated faults into one system. */
function all(mutants: readonly Mutant[]): NonNullable<CyclePlan["mutate"]> {
  return (system, place) => mutants.reduce((made, { mutate }) => mutate(made, place), system);
}

export interface MutantOutcome {
  readonly fault: string;
  readonly codes: readonly string[];
  readonly exit: string;
  /** Everything that was found, if it differs from what was expected. */
  readonly said?: readonly string[];
}

export function outcomeOf({ findings }: ScenarioResult, { fault, finds }: Mutant): MutantOutcome {
  const found = findings.filter(({ code }) => finds.some((each) => each === code));
  const codes = [...new Set(found.map(({ code }) => code))].toSorted();
  const said =
    codes.length === finds.length ? {} : { said: findings.map(({ code, message }) => `${code}: ${message}`) };
  return { fault, codes, exit: judgeScenario(found).exit, ...said };
}

export function expected({ fault, finds, exit }: Mutant): MutantOutcome {
  return { fault, codes: finds.toSorted(), exit };
}

/** What a cycle finds of each of the faults, which are all in one system. */
export async function cycleFinds(mutants: readonly Mutant[], more: Partial<CyclePlan> = {}): Promise<MutantOutcome[]> {
  const plan = { ...mutantPlan, ...more, mutate: all(mutants) };
  const result = await drillOf((drill) => cycle(drill, plan));
  return mutants.map((mutant) => outcomeOf(result, mutant));
}
