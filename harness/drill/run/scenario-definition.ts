// A scenario as data: what it claims, which profiles run it, and how long it may take.
import type { DrillOptions } from "./drill-options.ts";
import type { Drill } from "../drill.ts";
import type { ProfileName } from "./profiles.ts";

export interface ScenarioDefinition {
  /** `<group>/<claim>`, the path of its file under scenarios/. */
  readonly id: string;
  /** The claim as a sentence that is true if the scenario passes. */
  readonly title: string;
  /** Profiles that include it. */
  readonly profiles: readonly ProfileName[];
  /** Fixed number of nodes; without it the scenario follows `--nodes`. */
  readonly nodes?: number;
  /** Whether it measures rates or times, or needs the whole machine: then it runs alone. */
  readonly alone?: boolean;
  /** Deadline of the whole scenario; the default grows with the graph. */
  readonly timeoutMs?: number;
  /** Runs the steps; throws or records findings. Imports lazily, so that listing the claims loads no engine. */
  readonly run: (drill: Drill) => Promise<void>;
}

/** Ten minutes, plus one per 50k nodes, on a machine of usual speed: a guard against hanging, not a target. */
export function deadlineMs(definition: ScenarioDefinition, options: DrillOptions): number {
  return definition.timeoutMs ?? 600_000 + Math.ceil((definition.nodes ?? options.nodes) / 50_000) * 60_000;
}
