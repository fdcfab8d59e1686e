import { fullCyclePlan } from "../../harness/drill/cycle-plan.ts";
import { scenario } from "../../harness/drill/run/scenario.ts";

scenario({
  id: "cycle/modern-encryption",
  title: "A backup with authenticated encryption (SEIPDv2, GCM) restores to the last property",
  profiles: ["nightly", "release"],
  needs: ["vault"],
  ownGraphs: true,
  run: async (drill) => {
    const { cycle } = await import("../../harness/drill/cycle.ts");
    await cycle(drill, { ...fullCyclePlan, encryption: "modern", rawLimits: false });
  },
});
