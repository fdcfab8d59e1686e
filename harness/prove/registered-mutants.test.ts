import { beforeAll, describe, expect, it } from "vitest";
import { classOf } from "../base/findings/finding-codes.ts";
import { exitCodes } from "../base/errors.ts";
import { judgeScenario } from "../record/result.ts";
import { classOfMutant, type Mutant, mutantClasses } from "./mutant.ts";
import { registeredMutants } from "./registered-mutants.ts";
import { drillNamed, drillOf, withoutEffect } from "./run-mutant.ts";
import { selectMutants } from "./select-mutants.ts";

let mutants: readonly Mutant[] = [];

beforeAll(async () => {
  mutants = await registeredMutants();
});

describe("the mutants", () => {
  it("have ids of their own, a class, and a drill that is there", async () => {
    const ids = mutants.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(mutants.filter((mutant) => !mutantClasses.includes(classOfMutant(mutant)))).toEqual([]);
    for (const mutant of mutants) await drillNamed(drillOf(mutant));
  });

  it("are to be found by codes that name an effect, and that fail a drill with the exit that they say", () => {
    const wrong = mutants.filter(({ finds, exit }) => {
      const base = { severity: "error", subject: "", message: "", evidence: {} } as const;
      const judged = judgeScenario(finds.map((code) => ({ ...base, code })));
      const endings = finds.filter((code) => withoutEffect.has(classOf(code)));
      return endings.length > 0 || judged.exit !== exit || exitCodes[exit] < exitCodes.dataWrong;
    });
    expect(wrong.map(({ id }) => id)).toEqual([]);
  });
});

describe("a selection of mutants", () => {
  const select = (change: Partial<Parameters<typeof selectMutants>[1]>): readonly string[] =>
    selectMutants(mutants, { ids: [], classes: [], sample: undefined, seed: 1, ...change }).map(({ id }) => id);

  it("is a sample that the seed draws, of all classes before a second one of any", () => {
    const classes = new Set(mutants.map(classOfMutant)).size;
    const sample = select({ sample: classes });
    expect(new Set(sample.map((id) => classOfMutant({ id } as Mutant))).size).toBe(classes);
    expect(select({ sample: classes })).toEqual(sample);
    expect(select({ sample: classes, seed: 2 })).not.toEqual(sample);
    expect(select({ sample: 10_000 })).toHaveLength(mutants.length);
  });

  it("is of ids and classes, and refuses unknown ones", () => {
    expect(select({ ids: ["total-loss/edges"] })).toEqual(["total-loss/edges"]);
    expect(select({ classes: ["cut"] }).every((id) => id.startsWith("cut/"))).toBe(true);
    expect(() => select({ ids: ["total-loss/edge"] })).toThrow("there is no mutant total-loss/edge");
    expect(() => select({ classes: ["cuts"] })).toThrow("--class cuts is not known");
    expect(() => select({ sample: 0 })).toThrow("would prove nothing");
  });
});
