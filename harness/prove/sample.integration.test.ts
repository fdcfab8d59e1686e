// A sample of the mutants of small drills, of their classes in turn; `falkordrill prove` runs all, also those of scenarios.
// Each run of CI draws another, on the data on which the whole matrix is known to be found; the night has other data.
import { expect, it } from "vitest";
import { environment } from "../base/environment.ts";
import { runProof } from "./run-proof.ts";
import { registeredMutants } from "./registered-mutants.ts";
import { drillOf } from "./run-mutant.ts";
import { selectMutants } from "./select-mutants.ts";

const sample = 2;
const dataSeed = 1;

it("mutants drawn from the small drills are found", { timeout: 600_000 }, async () => {
  const { signal } = new AbortController();
  const seed = environment().proofSeed ?? 1;
  const small = (await registeredMutants()).filter((mutant) => !drillOf(mutant).includes("/"));
  const drawn = selectMutants(small, { ids: [], classes: [], sample, seed });
  const { mutants } = await runProof(drawn, { seed: dataSeed, signal });
  const others = mutants.filter(({ status }) => status !== "killed");
  expect(others.map(({ id, status, why, repeat }) => `${id} ${status}: ${why}; ${repeat}`)).toEqual([]);
});
