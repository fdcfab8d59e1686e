// A sample of the mutants, of their classes in turn: a fixed one of small drills, and with a seed, as CI gives it, another one of all,
// on the data on which the whole matrix is known to be found. `falkordrill prove` runs all; the night has other data.
import { expect, it } from "vitest";
import { environment } from "../base/environment.ts";
import { runProof } from "./run-proof.ts";
import { registeredMutants } from "./registered-mutants.ts";
import { drillOf } from "./run-mutant.ts";
import { selectMutants } from "./select-mutants.ts";

const dataSeed = 1;

it("mutants drawn from all classes are found", { timeout: 900_000 }, async () => {
  const { signal } = new AbortController();
  const { proofSeed } = environment();
  const all = await registeredMutants();
  const drawn =
    proofSeed === undefined
      ? selectMutants(
          all.filter((mutant) => !drillOf(mutant).includes("/")),
          { ids: [], classes: [], sample: 2, seed: 1 },
        )
      : selectMutants(all, { ids: [], classes: [], sample: 4, seed: proofSeed });
  const { mutants } = await runProof(drawn, { seed: dataSeed, signal });
  const others = mutants.filter(({ status }) => status !== "killed");
  expect(others.map(({ id, status, why, repeat }) => `${id} ${status}: ${why}; ${repeat}`)).toEqual([]);
});
