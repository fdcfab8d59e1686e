import { fullCyclePlan } from "../../harness/drill/cycle-plan.ts";
import { scenario } from "../../harness/drill/run/scenario.ts";

const variants = [
  {
    variant: "dirty",
    title: "What looks like corruption and is normal in Graphiti is restored and not reported",
    profiles: ["nightly", "release"],
  },
  {
    variant: "edge-values",
    title: "Values at the edges of every type come back exactly",
    profiles: ["pr", "drill", "nightly", "release"],
  },
] as const;

for (const { variant, title, profiles } of variants) {
  scenario({
    id: `cycle/${variant}`,
    title,
    profiles,
    nodes: 3_000,
    run: async (drill) => {
      const { cycle } = await import("../../harness/drill/cycle.ts");
      await cycle(drill, { ...fullCyclePlan, variant, rawLimits: false, writers: 0 });
    },
  });
}
