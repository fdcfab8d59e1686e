// The registry is true: what its experiments name exists.
import { beforeAll, describe, expect, it } from "vitest";
import { importScenarios } from "../../harness/drill/run/scenario-files.ts";
import { registeredScenarios } from "../../harness/drill/run/scenario.ts";
import { witnessMeasure } from "../figures/measures.ts";
import { matches } from "../gate/evidence.ts";
import { mapControls } from "./controls.ts";
import { criteria } from "./criteria.ts";

/** Only the reference system has a vault, and it has the others. */
const impliedBy: Readonly<Record<string, readonly string[]>> = { vault: ["incremental"], prune: ["vault"] };

describe("the criteria", () => {
  beforeAll(() => importScenarios(), 60_000);
  const experiments = criteria.flatMap((criterion) => criterion.experiments);

  it("name scenarios that are there, the first of them by its id", () => {
    const ids = registeredScenarios().map(({ id }) => id);
    const patterns = experiments.flatMap(({ scenarios }) => scenarios);
    expect(patterns.filter((pattern) => !ids.some((id) => matches(pattern, id)))).toEqual([]);
    expect(experiments.flatMap(({ scenarios }) => scenarios.slice(0, 1)).filter((id) => !ids.includes(id))).toEqual([]);
  });

  it("ask of a system what the first of their scenarios needs, so that no command names what it cannot run", () => {
    const needs = new Map<string, readonly string[]>(registeredScenarios().map((one) => [one.id, one.needs ?? []]));
    const unasked = experiments.flatMap(({ scenarios: [first = ""], needs: asked }) =>
      (needs.get(first) ?? []).filter((need) => need !== asked && !impliedBy[need]?.includes(asked ?? "")),
    );
    expect(unasked).toEqual([]);
  });

  it("name witnesses that are registered, and at least one an experiment", () => {
    const tried = experiments.filter(({ scenarios }) => scenarios.length > 0);
    const asked = tried.map(({ witnesses: all, anyWitness = [] }) => all.concat(anyWitness));
    expect(asked.filter((names) => names.length === 0)).toEqual([]);
    const witnesses = asked.flat();
    expect(witnesses.filter((name) => witnessMeasure(name) === undefined)).toEqual([]);
  });

  it("have ids of their own, and the controls name no other", () => {
    const ids = criteria.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(mapControls([]).flatMap((control) => control.criteria.filter((id) => !ids.includes(id)))).toEqual([]);
  });
});
