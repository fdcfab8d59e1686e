// What a seed means for a swarm drill.
import { expect, it } from "vitest";
import { faultNames } from "../../../fault/fault-names.ts";
import { drawSwarm, drawnFault, scheduleOf, swarmCommands } from "./swarm-plan.ts";

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
