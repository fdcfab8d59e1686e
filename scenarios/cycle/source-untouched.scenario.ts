import { fullCyclePlan } from "../../harness/drill/cycle-plan.ts";
import { scenario } from "../../harness/drill/run/scenario.ts";

scenario({
  id: "cycle/source-untouched",
  title: "A restore beside a running source leaves the source as it was",
  profiles: ["nightly", "release"],
  needs: ["restore-file"],
  nodes: 3_000,
  ownGraphs: true,
  run: async (drill) => {
    const { cycle } = await import("../../harness/drill/cycle.ts");
    await cycle(drill, { ...fullCyclePlan, disaster: "none", rawLimits: false, writers: 0 });
  },
});
