// What is asked of a machine follows what it showed in the same run: how long it took to start the source.
import type { Drill } from "../drill.ts";

/** Of an empty engine, on a machine that does little else: twice as long as it takes there. */
const usualStartMs = 500;
const slownessMax = 20;

export function noteStart({ record }: Pick<Drill, "record">, startMs: number): void {
  record.metric("sourceStartMs", startMs);
}

/** How many times slower than usual; 1 where it is not, or where no source has been started yet. */
export function slownessOf({ record }: Pick<Drill, "record">): number {
  const startMs = record.getMetric("sourceStartMs") ?? usualStartMs;
  return Math.min(slownessMax, Math.max(1, startMs / usualStartMs));
}
