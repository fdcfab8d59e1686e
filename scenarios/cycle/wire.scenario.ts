import { fullCyclePlan } from "../../harness/drill/cycle-plan.ts";
import { scenario } from "../../harness/drill/run/scenario.ts";

scenario({
  id: "cycle/wire",
  title: "A backup restores over the wire into a running, empty engine",
  profiles: ["drill", "nightly", "release"],
  needs: ["restore-wire"],
  ownGraphs: true,
  run: async (drill) => {
    const { cycle } = await import("../../harness/drill/cycle.ts");
    await cycle(drill, { ...fullCyclePlan, way: "wire", rawLimits: false });
  },
});
