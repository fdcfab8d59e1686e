// What a seed means for a swarm drill.
import { expect, it } from "vitest";
import { faultNames } from "../../../fault/fault-names.ts";
import { drawSwarm, drawnFault, isCertain, scheduleOf, swarmCommands } from "./swarm-plan.ts";

it("a seed gives the same schedule again, and another seed another one", () => {
  const lines = (seed: number): readonly string[] => scheduleOf(drawSwarm({ seed, steps: 4 }));
  expect(lines(7)).toEqual(lines(7));
  expect(lines(7)).not.toEqual(lines(8));
  expect(lines(7)).toHaveLength(5);
});

it("a hundred seeds have every command, and every fault with a strength of its own", () => {
  const plans = Array.from({ length: 100 }, (_, seed) => drawSwarm({ seed, steps: 4 }));
  const steps = plans.flatMap((plan) => plan.steps);
  expect(new Set(steps.map(({ command }) => command))).toEqual(new Set(swarmCommands));
  expect(new Set(steps.flatMap(({ fault }) => fault?.name ?? []))).toEqual(new Set(faultNames));
  for (const plan of plans) {
    const [first] = plan.steps;
    expect(first?.command).toBe("backup");
    for (const [number, { fault }] of plan.steps.entries()) {
      expect(drawnFault(plan, number)?.name).toBe(fault?.name);
      expect(fault === undefined || plan.enabled.includes(fault.name)).toBe(true);
    }
  }
});

it("a fault that is asked for by name is the only one, and on in every command that it can act upon", () => {
  for (const only of faultNames) {
    const { steps } = drawSwarm({ seed: 3, steps: 6, only });
    expect(steps[0]?.fault?.name).toBe(only);
    expect(new Set(steps.flatMap(({ fault }) => fault?.name ?? []))).toEqual(new Set([only]));
  }
});

it("every seed has a fault that fires in any case, however few commands its drill has", () => {
  for (let seed = 0; seed < 1000; seed += 1)
    for (const steps of [1, 2, 4, 5])
      expect([seed, drawSwarm({ seed, steps }).steps.some(isCertain)]).toEqual([seed, true]);
});

it("a fault that is asked for by name fires in any case in one command, where it is of such a kind", () => {
  const has = faultNames.filter((only) => drawSwarm({ seed: 5, steps: 4, only }).steps.some(isCertain));
  expect(has).toEqual(["kill-command", "stop-command", "disk-slow", "cpu-starvation"]);
});
