import { fullCyclePlan } from "../../harness/drill/cycle-plan.ts";
import { scenario } from "../../harness/drill/run/scenario.ts";

const shapes = [
  { shape: "team", nodes: 5_000, title: "A team's graphs, one per group, come back together at one moment" },
  { shape: "tenants", nodes: 2_000, title: "Hundreds of tenant graphs, most of them empty but indexed, all come back" },
] as const;

for (const { shape, nodes, title } of shapes) {
  scenario({
    id: `cycle/shape-${shape}`,
    title,
    profiles: ["nightly", "release"],
    nodes,
    run: async (drill) => {
      const { cycle } = await import("../../harness/drill/cycle.ts");
      await cycle(drill, { ...fullCyclePlan, shape, rawLimits: false });
    },
  });
}
