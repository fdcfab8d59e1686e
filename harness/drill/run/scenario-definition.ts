// A scenario as data: what it claims, which profiles run it, and how long it may take.
import type { DrillOptions } from "./drill-options.ts";
import type { Drill } from "../drill.ts";
import type { ProfileName } from "./profiles.ts";

export interface ScenarioDefinition {
  /** `<group>/<claim>`, the file's own path under scenarios/. */
  readonly id: string;
  /** The claim as a sentence that is true when the scenario passes. */
  readonly title: string;
  /** Profiles that run it. */
  readonly profiles: readonly ProfileName[];
  /** A size of its own; without one the scenario follows `--nodes`. */
  readonly nodes?: number;
  /** Whether it measures rates or times, or needs the whole machine: then no other runs beside it. */
  readonly alone?: boolean;
  /** Deadline for the whole scenario; the default grows with the graph. */
  readonly timeoutMs?: number;
  /** Steps; throws or records findings. Imports what it needs by itself, so that a list of claims loads no engine. */
  readonly run: (drill: Drill) => Promise<void>;
}

/** Ten minutes, and a minute more for each 50k nodes, on a machine of the usual speed: against hanging, not an objective. */
export function deadlineMs(definition: ScenarioDefinition, options: DrillOptions): number {
  return definition.timeoutMs ?? 600_000 + Math.ceil((definition.nodes ?? options.nodes) / 50_000) * 60_000;
}
