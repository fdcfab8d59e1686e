import { fullCyclePlan } from "../../harness/drill/cycle-plan.ts";
import { scenario } from "../../harness/drill/run/scenario.ts";

scenario({
  id: "cycle/verify",
  title: "Verifying a backup restores it into an isolated engine, proves every property, and signs what it found",
  profiles: ["nightly", "release"],
  needs: ["verify"],
  nodes: 3_000,
  run: async (drill) => {
    const { provesVerification } = await import("../../harness/drill/claims/verification.ts");
    await provesVerification(drill, { ...fullCyclePlan, rawLimits: false, writers: 0 });
  },
});
