// Backup systems with faults put in, in small drills: each fault is detected, by its code and exit code. Those that lose
// everything of a kind, or break in a restore, run one by one in mutants-one-by-one.integration.test.ts, every night.
import { expect, test } from "vitest";
import { damagesSome } from "../../fixtures/mutants/damages-some.ts";
import { encryptsForOthers } from "../../fixtures/mutants/encrypts-for-others.ts";
import { answersTooEarly, throwsAndLeaks } from "../../fixtures/mutants/broken-restores.ts";
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
import { losesEdges, losesEverything, losesIndexes, losesVectors } from "../../fixtures/mutants/total-loss.ts";
import { touchesSource } from "../../fixtures/mutants/touches-source.ts";
import { usesUpBackup } from "../../fixtures/mutants/uses-up-backup.ts";
import { verifyForgets } from "../../fixtures/mutants/verify-forgets.ts";
import { wantsReplicas } from "../../fixtures/mutants/wants-replicas.ts";
import { provesVerification } from "./claims/verification.ts";
import type { CyclePlan } from "./cycle-plan.ts";
import { cycleFinds, drillOf, expected, mutantPlan, outcomeOf } from "./testing/mutant-drill.ts";

const timeout = 60_000;
const writing: Partial<CyclePlan> = { writers: 2, faultsStopWriters: true, disaster: "wipe" };

const runs: readonly (readonly [mutants: readonly Mutant[], plan?: Partial<CyclePlan>])[] = [
  [[leavesReplica, stopsSource], { disaster: "wipe" }],
  [[touchesSource, leavesKeys, leavesLimits, wantsReplicas, neverPauses, storesClear, encryptsForOthers, usesUpBackup]],
  [[losesIndexOptions, losesConstraints], { variant: "edge-values" }],
  [[damagesSome]],
  [[neverResumes], writing],
  [[letsWritesThrough], { ...writing, coordination: "removed" }],
  [[losesEverything]],
  [[losesEdges, losesIndexes, losesVectors]],
  [[throwsAndLeaks]],
  [[answersTooEarly]],
];

test.each(runs.map(([mutants, more]) => ({ faults: mutants.map(({ fault }) => fault).join("; "), mutants, more })))(
  "a drill finds a system that $faults",
  { timeout },
  async ({ mutants, more }) => {
    expect(await cycleFinds(mutants, more)).toEqual(mutants.map(expected));
  },
);

test(`a drill finds a system that ${verifyForgets.fault}`, { timeout }, async () => {
  const { mutate } = verifyForgets;
  const result = await drillOf((drill) => provesVerification(drill, { ...mutantPlan, mutate }));
  expect(outcomeOf(result, verifyForgets)).toEqual(expected(verifyForgets));
});
