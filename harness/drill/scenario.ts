// The scenario API: one claim that a drill tries to prove. A scenario file calls `scenario(...)` once or more;
// under vitest that registers a test, elsewhere it only lists the claim.
import "./provided.ts";
import type { DrillOptions } from "./options.ts";
import type { ProfileName } from "./profiles.ts";
import { environment } from "../base/environment.ts";
import type { Drill } from "./run-scenario.ts";
import { defaultSelection, type Selection } from "./selection.ts";

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
  /** Steps; throws or records findings. */
  readonly run: (drill: Drill) => Promise<void>;
}

export const scenarioGroups = [
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

/** Every scenario whose file has been imported, by id. */
export function registeredScenarios(): readonly ScenarioDefinition[] {
  return registry.values().toArray();
}

export function scenario(definition: ScenarioDefinition): void {
  const [group] = definition.id.split("/");
  if (!scenarioGroups.some((known) => known === group))
    throw new Error(`scenario ${definition.id}: its group is none of ${scenarioGroups.join(", ")}`);
  registry.set(definition.id, definition);
  vitest?.register(definition);
}

/** Ten minutes, and a minute more for each 50k nodes: a deadline against hanging, not an objective. */
export function deadlineMs(definition: ScenarioDefinition, options: DrillOptions): number {
  return definition.timeoutMs ?? 600_000 + Math.ceil((definition.nodes ?? options.nodes) / 50_000) * 60_000;
}

// Importing vitest outside its workers throws, so only there; and a list of claims need not load an engine.
const vitest = environment().underVitest ? await vitestRegistration() : undefined;

async function vitestRegistration(): Promise<{ register: (definition: ScenarioDefinition) => void }> {
  const { test, inject, expect } = await import("vitest");
  const { runScenario } = await import("./run-scenario.ts");
  const selection: Selection = inject("falkordrill") ?? defaultSelection();
  return {
    register: (definition) => {
      if (selection.ids !== undefined && !selection.ids.includes(definition.id)) return;
      const { options } = selection;
      for (let seed = options.seed; seed < options.seed + options.repeat; seed += 1) {
        const name = options.repeat > 1 ? `${definition.id} (seed ${seed})` : definition.id;
        test(name, { timeout: deadlineMs(definition, options) }, async ({ signal }) => {
          const result = await runScenario(definition, options, seed, signal);
          expect(result.findings.filter((finding) => finding.severity === "error")).toEqual([]);
        });
      }
    },
  };
}
