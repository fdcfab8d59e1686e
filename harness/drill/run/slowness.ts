// Time limits follow the machine's speed in the same run: how long it took to start the source.
import type { Drill } from "../drill.ts";

/** Usual start time of an empty engine: twice the time measured on a machine that is nearly idle. */
const usualStartMs = 500;
const slownessMax = 20;

export function noteStart({ record }: Pick<Drill, "record">, startMs: number): void {
  record.metric("sourceStartMs", startMs);
}

/** How many times slower than usual; 1 if not slower, or if no source has been started yet. */
export function slownessOf({ record }: Pick<Drill, "record">): number {
  const startMs = record.getMetric("sourceStartMs") ?? usualStartMs;
  return Math.min(slownessMax, Math.max(1, startMs / usualStartMs));
}
