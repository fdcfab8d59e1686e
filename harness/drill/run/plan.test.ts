import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DrillError } from "../../base/errors.ts";
import { expectedMs } from "./durations.ts";
import { replayCommand, resolveOptions } from "./options.ts";
import { planDrill, planRun } from "./plan.ts";
import type { ScenarioDefinition } from "./scenario-definition.ts";
import { parseShard } from "../../record/shard.ts";

const scenarios = (count: number): ScenarioDefinition[] =>
  Array.from({ length: count }, (_, at) => ({
    id: `cycle/${at}`,
    title: "",
    profiles: [],
    run: () => Promise.resolve(),
  }));
const options = { seed: 3, repeat: 1, shard: undefined, nodes: 1000, profile: "nightly" } as const;

describe("the plan of a run", () => {
  it("names scenarios by their id, with the seed where there are several", () => {
    expect(planRun(options, scenarios(2)).map(({ id }) => id)).toEqual(["cycle/0", "cycle/1"]);
    expect(planRun({ ...options, repeat: 2 }, scenarios(1)).map(({ id }) => id)).toEqual(["cycle/0@3", "cycle/0@4"]);
  });

  it("is split by shards that are disjoint, complete, even, and the same every time", () => {
    const many = fc.record({ count: fc.integer({ min: 1, max: 9 }), size: fc.integer({ min: 9, max: 60 }) });
    fc.assert(
      fc.property(many, fc.integer({ min: 1, max: 3 }), ({ count, size }, repeat) => {
        const whole = planRun({ ...options, repeat }, scenarios(size)).map(({ id }) => id);
        const shards = Array.from({ length: count }, (_, at) => {
          const shard = { index: at + 1, count };
          return planRun({ ...options, repeat, shard }, scenarios(size)).map(({ id }) => id);
        });
        expect(shards.flat().toSorted()).toEqual(whole.toSorted());
        const sizes = shards.map(({ length }) => length);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it("is split into shards that take about the same time", () => {
    const longest = { ...(scenarios(1)[0] as ScenarioDefinition), id: "fault/network" };
    const all = [...scenarios(20), longest];
    const ms = Array.from({ length: 3 }, (_, at) =>
      planRun({ ...options, shard: { index: at + 1, count: 3 } }, all).reduce(
        (sum, { scenario }) => sum + expectedMs(scenario, options),
        0,
      ),
    );
    const shortest = expectedMs(all[0] as ScenarioDefinition, options);
    expect(Math.max(...ms) - Math.min(...ms)).toBeLessThanOrEqual(shortest);
    expect(expectedMs(longest, options)).toBeGreaterThan(5 * shortest);
  });

  it("names what needs a generated graph where the graphs are a team's own, and does not run it", () => {
    const profiles = ["pr"] as const;
    const known = scenarios(2).map((each, at) => Object.assign(each, { profiles, ownGraphs: at === 0 }));
    const summary = { graphs: [], udfLibraries: [], otherKeys: 0, lastingKeys: { count: 0, digest: "" } };
    const from = { name: "own.rdb", file: "own.rdb", databases: 1, nodes: 7, summary };
    const own = resolveOptions({ profile: "pr", from });
    const { scenarios: planned, notCovered } = planDrill(own, known);
    expect(planned.map(({ id }) => id)).toEqual(["cycle/0"]);
    expect(notCovered).toEqual([{ id: "cycle/1", title: "", missing: ["a generated graph"] }]);
    expect(replayCommand(own)).toContain("--from own.rdb");
    expect(() => planDrill(own, known.slice(1))).toThrow("none of these 1 scenarios runs on graphs of one's own");
    expect(() => resolveOptions({ from, nodes: 100 })).toThrow("--nodes was given with --from");
  });

  it("refuses a shard that would prove nothing", () => {
    const plan = (): unknown => planRun({ ...options, shard: { index: 3, count: 3 } }, scenarios(2));
    expect(plan).toThrow("--shard 3/3 holds no scenario: there are only 2 to split");
  });

  it.each(["0/3", "4/3", "1", "1/0", "a/b", "1/2/3", "-1/2", "1/9999"])("refuses the shard %s", (text) => {
    expect(() => parseShard(text)).toThrow(DrillError);
  });
  it("reads a shard", () => {
    expect(parseShard("2/5")).toEqual({ index: 2, count: 5 });
  });
});
