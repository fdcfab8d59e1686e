// Backup systems with one fault each, in a small drill: the fault is detected, by its code and exit code.
import { join } from "node:path";
import { expect, test } from "vitest";
import { damagesSome } from "../../fixtures/mutants/damages-some.ts";
import { encryptsForOthers } from "../../fixtures/mutants/encrypts-for-others.ts";
import * as brokenRestores from "../../fixtures/mutants/broken-restores.ts";
import { leavesKeys } from "../../fixtures/mutants/leaves-keys.ts";
import { leavesLimits } from "../../fixtures/mutants/leaves-limits.ts";
import { leavesReplica } from "../../fixtures/mutants/leaves-replica.ts";
import { letsWritesThrough } from "../../fixtures/mutants/lets-writes-through.ts";
import { losesConstraints } from "../../fixtures/mutants/loses-constraints.ts";
import { losesIndexOptions } from "../../fixtures/mutants/loses-index-options.ts";
import type { Mutant } from "../../fixtures/mutants/mutant.ts";
import { neverPauses } from "../../fixtures/mutants/never-pauses.ts";
import { neverResumes } from "../../fixtures/mutants/never-resumes.ts";
import { stopsSource } from "../../fixtures/mutants/stops-source.ts";
import { storesClear } from "../../fixtures/mutants/stores-clear.ts";
import * as totalLoss from "../../fixtures/mutants/total-loss.ts";
import { touchesSource } from "../../fixtures/mutants/touches-source.ts";
import { usesUpBackup } from "../../fixtures/mutants/uses-up-backup.ts";
import { verifyForgets } from "../../fixtures/mutants/verify-forgets.ts";
import { verifyRestoresNothing } from "../../fixtures/mutants/verify-restores-nothing.ts";
import { wantsReplicas } from "../../fixtures/mutants/wants-replicas.ts";
import { silentProgress } from "../base/progress.ts";
import { privateFolder } from "../base/process/reaper.ts";
import { cycle } from "./cycle.ts";
import { type CyclePlan, fullCyclePlan } from "./cycle-plan.ts";
import { describeRun } from "./run/describe-run.ts";
import type { Drill } from "./drill.ts";
import { resolveOptions } from "./run/options.ts";
import { judgeScenario, type ScenarioResult } from "../record/result.ts";
import { resultOf } from "./run/run-drill.ts";
import { RunDirectory } from "../record/run-directory.ts";
import { runScenario } from "./run/run-scenario.ts";
import { provesVerification } from "./claims/verification.ts";
import { verifyRun } from "../record/verify-run.ts";

const timeout = 60_000;
const seed = 11;

/** Judged twice: while it runs, and from its files. */
async function drillOf(signal: AbortSignal, run: (drill: Drill) => Promise<unknown>): Promise<ScenarioResult> {
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
    signal,
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

interface Outcome {
  readonly fault: string;
  readonly codes: readonly string[];
  readonly exit: string;
  /** Everything that was found, if it differs from what was expected. */
  readonly said?: readonly string[];
}

function outcomeOf({ findings }: ScenarioResult, { fault, finds }: Mutant): Outcome {
  const found = findings.filter(({ code }) => finds.some((each) => each === code));
  const codes = [...new Set(found.map(({ code }) => code))].toSorted();
  const said =
    codes.length === finds.length ? {} : { said: findings.map(({ code, message }) => `${code}: ${message}`) };
  return { fault, codes, exit: judgeScenario(found).exit, ...said };
}

function expected({ fault, finds, exit }: Mutant): Outcome {
  return { fault, codes: finds.toSorted(), exit };
}

const plan: CyclePlan = { ...fullCyclePlan, rawLimits: false, writers: 0, disaster: "none" };
const writing: Partial<CyclePlan> = { writers: 2, faultsStopWriters: true, disaster: "wipe" };

const runs: readonly (readonly [mutants: readonly Mutant[], plan: Partial<CyclePlan>])[] = [
  [[leavesReplica, stopsSource], { disaster: "wipe" }],
  [
    [touchesSource, leavesKeys, leavesLimits, wantsReplicas, neverPauses, storesClear, encryptsForOthers, usesUpBackup],
    {},
  ],
  [[losesIndexOptions, losesConstraints], { variant: "edge-values" }],
  [[damagesSome], {}],
  [[neverResumes], writing],
  [[letsWritesThrough], { ...writing, coordination: "removed" }],
  ...[...Object.values(totalLoss), ...Object.values(brokenRestores)].map((mutant) => [[mutant], {}] as const),
];

test.each(runs.map(([mutants, more]) => ({ faults: mutants.map(({ fault }) => fault).join("; "), mutants, more })))(
  "a drill finds a system that $faults",
  { timeout },
  async ({ mutants, more }) => {
    const { signal } = new AbortController();
    const result = await drillOf(signal, (drill) => cycle(drill, { ...plan, ...more, mutate: all(mutants) }));
    expect(mutants.map((mutant) => outcomeOf(result, mutant))).toEqual(mutants.map(expected));
  },
);

test.each([verifyForgets, verifyRestoresNothing])("a drill finds a system that $fault", { timeout }, async (mutant) => {
  const { signal } = new AbortController();
  const result = await drillOf(signal, (drill) => provesVerification(drill, { ...plan, mutate: mutant.mutate }));
  expect(outcomeOf(result, mutant)).toEqual(expected(mutant));
});
