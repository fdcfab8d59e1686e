// The scenario API: one claim that a drill tries to prove. A scenario file calls `scenario(...)` once or more. The
// command line runs the registered scenarios; under vitest each one of a scenario file that is run as a test file is also a test.
import { environment } from "../../base/environment.ts";
import { usageError } from "../../base/errors.ts";
import type { ScenarioDefinition } from "./scenario-definition.ts";

/** Groups in the order in which a drill runs them; a team's own groups come last. */
const groups = [
  "cycle",
  "conformance",
  "concurrent",
  "persistence",
  "incremental",
  "retention",
  "region",
  "operate",
  "fault",
  "security",
  "scale",
  "track-record",
];

const registry = new Map<string, ScenarioDefinition>();

/** Every imported scenario, by group, in file order: `cycle/full` is the first. */
export function registeredScenarios(): readonly ScenarioDefinition[] {
  const place = ({ id }: ScenarioDefinition): number => {
    const at = groups.findIndex((group) => id.startsWith(`${group}/`));
    return at === -1 ? groups.length : at;
  };
  return registry
    .values()
    .toArray()
    .toSorted((a, b) => place(a) - place(b));
}

/**
 * Registers a scenario; called by scenario files. Throws a `DrillError` (`usage`, exit code 2) if its id is not
 * `<group>/<claim>` or is already registered.
 */
export function scenario(definition: ScenarioDefinition): void {
  const { id } = definition;
  if (!/^[\w-]+(?:\/[\w-]+)+$/.test(id))
    throw usageError(`the scenario id "${id}" is not <group>/<claim>`, "It is made of letters, digits, - and _.");
  if (registry.has(id)) throw usageError(`there are two scenarios ${id}`, "Give one of them another id.");
  registry.set(id, definition);
  testScenario?.(definition);
}

// Importing vitest outside its workers throws, and users of the package do not have it.
const testScenario = environment().isScenarioTest ? (await import("./vitest-scenario.ts")).testScenario : undefined;
