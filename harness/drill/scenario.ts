// The scenario API: one claim that a drill tries to prove. A scenario file calls `scenario(...)` once or more. The
// command line runs what is registered; under vitest each scenario is a test as well.
import { environment } from "../base/environment.ts";
import type { DrillOptions } from "./options.ts";
import type { ProfileName } from "./profiles.ts";
import type { Drill } from "./run-scenario.ts";

export interface ScenarioDefinition {
  /** `<group>/<claim>`, the file's own path under scenarios/. */
  readonly id: string;
  /** The claim as a sentence that is true when the scenario passes. */
  readonly title: string;
  /** Profiles that run it. */
  readonly profiles: readonly ProfileName[];
  /** A size of its own; without one the scenario follows `--nodes`. */
  readonly nodes?: number;
  /** Deadline for the whole scenario; the default grows with the graph. */
  readonly timeoutMs?: number;
  /** Steps; throws or records findings. Imports what it needs by itself, so that a list of claims loads no engine. */
  readonly run: (drill: Drill) => Promise<void>;
}

const scenarioGroups = [
  "cycle",
  "concurrent",
  "persistence",
  "incremental",
  "retention",
  "fault",
  "security",
  "scale",
  "track-record",
] as const;

const registry = new Map<string, ScenarioDefinition>();

/** Every scenario whose file has been imported, in the order of their files. */
export function registeredScenarios(): readonly ScenarioDefinition[] {
  return registry.values().toArray();
}

export function scenario(definition: ScenarioDefinition): void {
  const [group] = definition.id.split("/");
  if (!scenarioGroups.some((known) => known === group))
    throw new Error(`scenario ${definition.id}: its group is none of ${scenarioGroups.join(", ")}`);
  registry.set(definition.id, definition);
  testScenario?.(definition);
}

/** Ten minutes, and a minute more for each 50k nodes, on a machine of the usual speed: against hanging, not an objective. */
export function deadlineMs(definition: ScenarioDefinition, options: DrillOptions): number {
  return definition.timeoutMs ?? 600_000 + Math.ceil((definition.nodes ?? options.nodes) / 50_000) * 60_000;
}

// Importing vitest outside its workers throws, and users of the package do not have it.
const testScenario = environment().underVitest ? (await import("./vitest-scenario.ts")).testScenario : undefined;
