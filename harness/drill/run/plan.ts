// Selects the scenarios of a run with their seeds and ids, and splits them over machines for `--shard`.
import { usageError } from "../../base/errors.ts";
import { mustRunAlone } from "../side-by-side.ts";
import type { DrillOptions } from "./drill-options.ts";
import { expectedMs } from "./durations.ts";
import type { ScenarioDefinition } from "./scenario-definition.ts";
import { selectScenarios } from "./select-scenarios.ts";
import type { NotCovered } from "../../record/result.ts";
import { shardText } from "../../record/shard.ts";
import type { Capability } from "../../system/system.ts";

export interface Planned {
  /** Id as in the result: the scenario's id, with its seed where a run has several. */
  readonly id: string;
  readonly scenario: ScenarioDefinition;
  readonly seed: number;
}

export interface DrillPlan {
  readonly options: DrillOptions;
  readonly scenarios: readonly Planned[];
  /** Scenarios that were asked for and that the system under test cannot do. */
  readonly notCovered: readonly NotCovered[];
}

/**
 * Selects the scenarios of `known` that these options ask for. Throws a `DrillError` (`usage`, exit code 2) if a filter
 * matches no scenario, the system under test can do none of them, or a shard is empty.
 */
export function planDrill(options: DrillOptions, known: readonly ScenarioDefinition[]): DrillPlan {
  const selected = selectScenarios(options, known);
  const notCovered = selected.flatMap((definition) => {
    const missing = [
      ...missingFor(definition, options.backupSystem),
      ...(options.from === undefined || definition.ownGraphs === true ? [] : [generatedGraph]),
    ];
    return missing.length === 0 ? [] : [{ id: definition.id, title: definition.title, missing }];
  });
  const uncovered = new Set(notCovered.map(({ id }) => id));
  const scenarios = selected.filter(({ id }) => !uncovered.has(id));
  const [first] = notCovered;
  if (scenarios.length === 0 && first?.missing.includes(generatedGraph) === true)
    throw usageError(
      `none of these ${selected.length} scenarios runs on graphs of one's own; ${first.id} needs a generated one`,
      `With --from run ${known
        .filter(({ ownGraphs }) => ownGraphs === true)
        .map(({ id }) => id)
        .join(", ")}.`,
    );
  if (scenarios.length === 0 && first !== undefined)
    throw usageError(
      `the ${options.system} system can do none of these ${selected.length} scenarios; ${first.id} needs ${first.missing.join(", ")}`,
      "falkordrill run --list shows what each scenario needs.",
    );
  return { options, scenarios: planRun(options, scenarios), notCovered };
}

/** In the list of what is missing. */
const generatedGraph = "a generated graph";

/** What a scenario needs and the system cannot do, as far as is known before one is made. */
function missingFor({ needs = [] }: ScenarioDefinition, system: DrillOptions["backupSystem"]): readonly Capability[] {
  const has = system?.capabilities;
  return has === undefined ? [] : needs.filter((need) => !has.has(need));
}

/** The shards of one drill are disjoint and complete, and take about the same time. */
export function planRun(
  options: Pick<DrillOptions, "seed" | "repeat" | "shard" | "nodes" | "profile">,
  scenarios: readonly ScenarioDefinition[],
): readonly Planned[] {
  const { seed: first, repeat, shard } = options;
  const seeds = Array.from({ length: repeat }, (_, index) => first + index);
  const all = scenarios.flatMap((scenario) =>
    seeds.map((seed) => ({ id: repeat > 1 ? `${scenario.id}@${seed}` : scenario.id, scenario, seed })),
  );
  if (shard === undefined) return all;
  const mine = split(all, shard.count, options)[shard.index - 1] ?? [];
  if (mine.length > 0 || all.length === 0) return mine;
  throw usageError(
    `--shard ${shardText(shard)} holds no scenario: there are only ${all.length} to split`,
    `Split them into at most ${all.length}.`,
  );
}

/** Each, the longest first, to the shard that has the least to do. On every machine the same, whatever it has. */
function split(
  all: readonly Planned[],
  count: number,
  options: Pick<DrillOptions, "nodes" | "profile">,
): readonly (readonly Planned[])[] {
  // One that runs alone leaves half of the machine idle.
  const costs = new Map(
    all.map((each) => [each, expectedMs(each.scenario, options) * (mustRunAlone(each, options) ? 2 : 1)]),
  );
  const costOf = (each: Planned): number => costs.get(each) ?? 0;
  const shards = Array.from({ length: count }, () => ({ cost: 0, mine: new Set<Planned>() }));
  for (const each of all.toSorted((a, b) => costOf(b) - costOf(a))) {
    const [least] = shards.toSorted((a, b) => a.cost - b.cost || a.mine.size - b.mine.size);
    least?.mine.add(each);
    if (least !== undefined) least.cost += costOf(each);
  }
  return shards.map(({ mine }) => all.filter((each) => mine.has(each)));
}
