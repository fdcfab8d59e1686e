// Every mutant is found by findings that name its effect, and its drill passes without the fault. Sorted by drill, so that
// each original is run once, before its mutants.
import { expect, test } from "vitest";
import { mutants } from "../../fixtures/mutants/mutants.ts";
import { drillOf, runMutant, runOriginal } from "./run-mutant.ts";

const timeout = 120_000;
const seed = 11;

const drills = [...new Set(mutants.map(({ drill = "restored" }) => drill))];

test.each(drills)("a system without a fault passes the drill %s", { timeout }, async (drill) => {
  const { signal } = new AbortController();
  expect(await runOriginal(await drillOf({ drill }), { seed, signal })).toEqual([]);
});

test.each(mutants)("$id is found", { timeout }, async (mutant) => {
  const { signal } = new AbortController();
  expect(await runMutant(mutant, { seed, signal })).toMatchObject({ status: "killed" });
});
