import { scenario } from "../../harness/drill/run/scenario.ts";

scenario({
  id: "fault/crash-points-prune",
  title: "A prune that is killed at any step leaves only whole restore points, and the next prune completes its work",
  profiles: ["pr", "drill", "nightly", "release"],
  needs: ["prune", "vault"],
  nodes: 50,
  timeoutMs: 900_000,
  run: async (drill) => {
    const { breaksPrunes } = await import("../../harness/drill/claims/crash-points/prune.ts");
    await breaksPrunes(drill, "kill");
  },
});
