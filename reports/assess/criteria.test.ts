// The registry is true: what its experiments name exists.
import { beforeAll, describe, expect, it } from "vitest";
import { importScenarios } from "../../harness/drill/run/scenario-files.ts";
import { registeredScenarios } from "../../harness/drill/run/scenario.ts";
import { witnessMeasure } from "../figures/measures.ts";
import { matches } from "../gate/evidence.ts";
import { mapControls } from "./controls.ts";
import { criteria } from "./criteria.ts";

describe("the criteria", () => {
  beforeAll(() => importScenarios(), 60_000);
  const experiments = criteria.flatMap((criterion) => criterion.experiments);

  it("name scenarios that are there, the first of them by its id", () => {
    const ids = registeredScenarios().map(({ id }) => id);
    const patterns = experiments.flatMap(({ scenarios }) => scenarios);
    expect(patterns.filter((pattern) => !ids.some((id) => matches(pattern, id)))).toEqual([]);
    expect(experiments.flatMap(({ scenarios }) => scenarios.slice(0, 1)).filter((id) => !ids.includes(id))).toEqual([]);
  });

  it("name witnesses that are registered, and at least one an experiment", () => {
    const tried = experiments.filter(({ scenarios }) => scenarios.length > 0);
    expect(tried.filter(({ witnesses }) => witnesses.length === 0)).toEqual([]);
    const witnesses = tried.flatMap((one) => one.witnesses);
    expect(witnesses.filter((name) => witnessMeasure(name) === undefined)).toEqual([]);
  });

  it("have ids of their own, and the controls name no other", () => {
    const ids = criteria.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(mapControls([]).flatMap((control) => control.criteria.filter((id) => !ids.includes(id)))).toEqual([]);
  });
});
