// The scenario API: one claim that a drill tries to prove. A scenario file calls `scenario(...)` once or more. The
// command line runs what is registered; under vitest each scenario is a test as well.
import { environment } from "../../base/environment.ts";
import type { ScenarioDefinition } from "./scenario-definition.ts";

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

/** Every scenario whose file has been imported, by group, in the order of their files: `cycle/full` is the first. */
export function registeredScenarios(): readonly ScenarioDefinition[] {
  const place = ({ id }: ScenarioDefinition): number => scenarioGroups.findIndex((group) => id.startsWith(`${group}/`));
  return registry
    .values()
    .toArray()
    .toSorted((a, b) => place(a) - place(b));
}

export function scenario(definition: ScenarioDefinition): void {
  const [group] = definition.id.split("/");
  if (!scenarioGroups.some((known) => known === group))
    throw new Error(`scenario ${definition.id}: its group is none of ${scenarioGroups.join(", ")}`);
  registry.set(definition.id, definition);
  testScenario?.(definition);
}

// Importing vitest outside its workers throws, and users of the package do not have it.
const testScenario = environment().underVitest ? (await import("./vitest-scenario.ts")).testScenario : undefined;
