// Restores that lose everything of a kind, or break, and a verify that restores nothing: each in a drill of its own.
import { expect, test } from "vitest";
import * as brokenRestores from "../../fixtures/mutants/broken-restores.ts";
import * as totalLoss from "../../fixtures/mutants/total-loss.ts";
import { verifyRestoresNothing } from "../../fixtures/mutants/verify-restores-nothing.ts";
import { provesVerification } from "./claims/verification.ts";
import { cycleFinds, drillOf, expected, mutantPlan, outcomeOf } from "./testing/mutant-drill.ts";

const timeout = 60_000;

test.each([...Object.values(totalLoss), ...Object.values(brokenRestores)])(
  "a drill finds a system that $fault",
  { timeout },
  async (mutant) => {
    expect(await cycleFinds([mutant])).toEqual([expected(mutant)]);
  },
);

test(`a drill finds a system that ${verifyRestoresNothing.fault}`, { timeout }, async () => {
  const { mutate } = verifyRestoresNothing;
  const result = await drillOf((drill) => provesVerification(drill, { ...mutantPlan, mutate }));
  expect(outcomeOf(result, verifyRestoresNothing)).toEqual(expected(verifyRestoresNothing));
});
