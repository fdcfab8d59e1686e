// The plans that the concurrent-write scenarios start from.
import { type CyclePlan, fullCyclePlan, type KindPlan } from "../cycle-plan.ts";
import type { Drill } from "../drill.ts";

/** Counter writers at full speed: the most frequent writes locate the cut most precisely. */
export const ruler: KindPlan = { kind: "counter", writers: 2, profile: { kind: "flat-out" } };

/** Measurement window: long enough for percentiles in long profiles, short in runs on every change. */
export function concurrentPlan({ options }: Pick<Drill, "options">): CyclePlan {
  const windowMs = { pr: 300, drill: 1000, nightly: 3000, release: 5000 }[options.profile];
  return { ...fullCyclePlan, rawLimits: false, windowMs };
}
