// Selects the scenarios of a run with their seeds and ids, and splits them over machines for `--shard`.
import { usageError } from "../../base/errors.ts";
import type { DrillOptions } from "./drill-options.ts";
import type { ScenarioDefinition } from "./scenario-definition.ts";
import { selectScenarios } from "./select-scenarios.ts";
import { shardText } from "../../record/shard.ts";

export interface Planned {
  /** Id as in the result: the scenario's id, with its seed where a run has several. */
  readonly id: string;
  readonly scenario: ScenarioDefinition;
  readonly seed: number;
}

export interface DrillPlan {
  readonly options: DrillOptions;
  readonly scenarios: readonly Planned[];
}

/**
 * Selects the scenarios of `known` that these options ask for. Throws a `DrillError` (`usage`, exit code 2) if a filter
 * matches no scenario or a shard is empty.
 */
export function planDrill(options: DrillOptions, known: readonly ScenarioDefinition[]): DrillPlan {
  return { options, scenarios: planRun(options, selectScenarios(options, known)) };
}

/**
 * A shard takes every n-th, so the shards of one drill are disjoint and complete, and similar neighbours are spread.
 */
export function planRun(
  options: Pick<DrillOptions, "seed" | "repeat" | "shard">,
  scenarios: readonly ScenarioDefinition[],
): readonly Planned[] {
  const { seed: first, repeat, shard } = options;
  const seeds = Array.from({ length: repeat }, (_, index) => first + index);
  const all = scenarios.flatMap((scenario) =>
    seeds.map((seed) => ({ id: repeat > 1 ? `${scenario.id}@${seed}` : scenario.id, scenario, seed })),
  );
  if (shard === undefined) return all;
  const mine = all.filter((_, at) => at % shard.count === shard.index - 1);
  if (mine.length > 0 || all.length === 0) return mine;
  throw usageError(
    `--shard ${shardText(shard)} holds no scenario: there are only ${all.length} to split`,
    `Split them into at most ${all.length}.`,
  );
}
