import { scenario } from "../../harness/drill/run/scenario.ts";

scenario({
  id: "retention/killed-prune",
  title: "A prune that is killed at any step leaves only complete backups, and the next prune completes its work",
  profiles: ["pr", "drill", "nightly", "release"],
  needs: ["prune", "vault"],
  nodes: 300,
  run: async (drill) => {
    const { provesKilledPrune } = await import("../../harness/drill/claims/retention/killed.ts");
    await provesKilledPrune(drill);
  },
});
