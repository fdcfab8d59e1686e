import { fullCyclePlan } from "../../harness/drill/cycle-plan.ts";
import { scenario } from "../../harness/drill/run/scenario.ts";

for (const { id, title, variant } of [
  {
    id: "cycle/logical",
    title: "A backup restores to the last property without the engine's own loader",
    variant: "clean",
  },
  {
    id: "cycle/logical-edge-values",
    title: "Values of every type and index of every kind come back without the engine's own loader",
    variant: "edge-values",
  },
] as const)
  scenario({
    id,
    title,
    profiles: ["nightly", "release"],
    needs: ["restore-logical"],
    nodes: 2000,
    run: async (drill) => {
      const { cycle } = await import("../../harness/drill/cycle.ts");
      await cycle(drill, {
        ...fullCyclePlan,
        variant,
        way: "logical",
        rawLimits: false,
        writers: variant === "clean" ? 2 : 0,
      });
    },
  });
