// Every mutant is found by findings that name its effect, and its drill passes without the fault.
import { expect, it } from "vitest";
import { runProof } from "./run-proof.ts";
import { registeredMutants } from "./registered-mutants.ts";

it("every mutant is found", { timeout: 3_600_000 }, async () => {
  const { signal } = new AbortController();
  const { mutants } = await runProof(await registeredMutants(), { seed: 11, signal });
  const others = mutants.filter(({ status }) => status !== "killed");
  expect(others.map(({ id, status, why, repeat }) => `${id} ${status}: ${why}; ${repeat}`)).toEqual([]);
});
