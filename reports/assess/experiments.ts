// Parts that several criteria share: the scenarios of whole cycles, and what is always read.
import type { Experiment } from "./criterion.ts";

export const cycles: readonly string[] = ["cycle/full", "cycle/*", "concurrent/*"];
/** Everything that ends with a restore that is read and compared. */
export const restores: readonly string[] = [...cycles, "conformance/points-apart"];
export const everythingRead: readonly string[] = ["nodesCompared", "edgesCompared", "propertiesCompared"];

/** An experiment that no scenario of this version makes. */
export function untried(tries: string): Experiment {
  return { tries, scenarios: [], witnesses: [] };
}
