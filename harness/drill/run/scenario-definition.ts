// A scenario as data: what it claims, which profiles run it, and how long it may take.
import type { DrillOptions } from "./drill-options.ts";
import type { Capability } from "../../system/system.ts";
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
  /** What the system under test must be able to do; where it cannot, the scenario is not covered. */
  readonly needs?: readonly Capability[];
  /** `engine`: it proves something about FalkorDB itself, so drills of a team's own system leave it out. */
  readonly about?: "system" | "engine";
  /** Whether it can run on a team's own graphs (`--from`); otherwise it needs a generated one, and is not covered. */
  readonly ownGraphs?: boolean;
  /** Whether it measures rates or times, or needs the whole machine: then it runs alone. */
  readonly alone?: boolean;
  /** Deadline of the whole scenario; the default grows with the graph. */
  readonly timeoutMs?: number;
  /** Runs the steps; throws or records findings. Imports lazily, so that listing the claims loads no engine. */
  readonly run: (drill: Drill) => Promise<void>;
}

/**
 * Ten minutes, plus one per 50k nodes, on a machine of usual speed: a guard against hanging, not a target. Calls of a
 * system with a deadline of its own come on top.
 */
export function deadlineMs(definition: ScenarioDefinition, options: DrillOptions): number {
  const { backupSystem, nodes } = options;
  const callMs = (typeof backupSystem === "function" ? backupSystem.callTimeoutMs : undefined) ?? 0;
  const ownMs = definition.timeoutMs ?? 600_000 + Math.ceil((definition.nodes ?? nodes) / 50_000) * 60_000;
  return ownMs + callMs * callsMax;
}

/** Longest calls in one scenario: backup, restore, verify, and the lists together. */
const callsMax = 4;
