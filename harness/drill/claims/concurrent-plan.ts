// What the scenarios about concurrent writes begin from.
import { type CyclePlan, fullCyclePlan, type KindPlan } from "../cycle-plan.ts";
import type { Drill } from "../drill.ts";

/** Counters as fast as they go: of all writes the finest ruler for a cut. */
export const ruler: KindPlan = { kind: "counter", writers: 2, profile: { kind: "flat-out" } };

/** Long enough for percentiles where there is time, and short on every change. */
export function concurrentPlan({ options }: Pick<Drill, "options">): CyclePlan {
  const windowMs = { pr: 300, drill: 1000, nightly: 3000, release: 5000 }[options.profile];
  return { ...fullCyclePlan, rawLimits: false, windowMs };
}
