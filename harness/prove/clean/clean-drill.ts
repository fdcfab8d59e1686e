// A drill of a system without a fault, of a size and shape that its seed draws: any finding in it is a false alarm.
import { dataset } from "../../../generators/dataset.ts";
import { type DatasetOptions, shapeNames, variantNames } from "../../../generators/model.ts";
import { BorderPlan } from "../../../generators/plans/border-plan.ts";
import { Draw } from "../../../generators/random.ts";
import type { CyclePlan } from "../../drill/cycle-plan.ts";
import type { GivenOptions } from "../../drill/run/options.ts";
import type { ScenarioDefinition } from "../../drill/run/scenario-definition.ts";

export interface CleanDrill {
  /** What was drawn, in one line. */
  readonly name: string;
  readonly options: GivenOptions & { readonly seed: number };
  readonly scenario: ScenarioDefinition;
  /** Nodes of one label at which FalkorDB before 4.18.0 writes a dump that it cannot load: the backup has to say so. */
  readonly unloadable: boolean;
}

/** Around the size of the engine's buffer, where its dumps are most fragile. */
export const borderSizes: readonly number[] = [63_998, 63_999, 64_000, 64_001];
const unloadableSizes: ReadonlySet<number> = new Set([63_999, 64_000]);

const nodesMin = 10;
const nodesMax = 2_000;

export function drawnDrill(seed: number): CleanDrill {
  const draw = new Draw(seed, "clean drill");
  const nodes = Math.round(nodesMin * (nodesMax / nodesMin) ** draw.unit());
  const options = {
    seed,
    nodes,
    dims: draw.pick([0, 4, 16]),
    shape: draw.pick(shapeNames),
    schema: draw.pick(["pre1856", "post1856"] as const),
  };
  const plan = {
    variant: draw.pick(variantNames),
    way: draw.pick(["file", "wire"] as const),
    encryption: draw.pick(["interop", "modern"] as const),
    disaster: draw.pick(["wipe", "none"] as const),
    writers: draw.pick([0, 2]),
  };
  const { dims, shape, schema } = options;
  const parts = [`${nodes} nodes`, `dims ${dims}`, shape, schema, ...Object.values(plan).slice(0, -1)];
  const name = [...parts, `${plan.writers} writers`].join(" ");
  return { name, options, scenario: cleanScenario("clean", plan), unloadable: false };
}

/** A graph of this many nodes of one label and nothing else. */
export function borderDrill(size: number, seed: number): CleanDrill {
  const content = ({ seed: drawn, ...rest }: DatasetOptions): ReturnType<typeof dataset> => ({
    ...dataset({ seed: drawn, ...rest }),
    graphs: () => [new BorderPlan({ nodes: size, edges: 0 }, drawn)],
  });
  // Its nodes keep none of Graphiti's guarantees.
  const scenario = cleanScenario(`border-${size}`, { variant: "edge-values", writers: 0, content });
  return { name: `${size} nodes of one label`, options: { seed }, scenario, unloadable: unloadableSizes.has(size) };
}

function cleanScenario(name: string, plan: Partial<CyclePlan>): ScenarioDefinition {
  return {
    id: `prove/${name}`,
    title: "A system without a fault passes",
    profiles: [],
    run: async (drill) => {
      const { cycle } = await import("../../drill/cycle.ts");
      const { fullCyclePlan } = await import("../../drill/cycle-plan.ts");
      await cycle(drill, { ...fullCyclePlan, rawLimits: false, faultsStopWriters: true, ...plan });
    },
  };
}
