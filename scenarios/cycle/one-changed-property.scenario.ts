import { fullCyclePlan } from "../../harness/drill/cycle-plan.ts";
import { scenario } from "../../harness/drill/run/scenario.ts";

scenario({
  id: "cycle/one-changed-property",
  title: "One property of one node changed in the restored graph is found and named, and nothing else is reported",
  profiles: ["pr", "drill", "nightly", "release"],
  // Canaries in every cycle show the same on graphs of any size.
  nodes: 2_000,
  run: async (drill) => {
    const { runTamperCheck } = await import("../../harness/drill/claims/tampering.ts");
    await runTamperCheck(drill, fullCyclePlan);
  },
});
