import { fullCyclePlan } from "../../harness/drill/cycle-plan.ts";
import { scenario } from "../../harness/drill/run/scenario.ts";

scenario({
  id: "cycle/full",
  title: "A backup under writes restores to the last property after a total loss",
  profiles: ["pr", "drill", "nightly", "release"],
  alone: true,
  ownGraphs: true,
  run: async (drill) => {
    const { cycle } = await import("../../harness/drill/cycle.ts");
    await cycle(drill, fullCyclePlan);
  },
});
