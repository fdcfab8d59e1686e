import { scenario } from "../../harness/drill/run/scenario.ts";

scenario({
  id: "region/failover-and-back",
  title:
    "With the first vault gone, a restore goes on with the second; the second takes over and hands back, and refuses what the first did meanwhile",
  profiles: ["pr", "nightly", "release"],
  needs: ["vault"],
  nodes: 300,
  run: async (drill) => {
    const { failsOverAndBack } = await import("../../harness/drill/claims/region/short-failover.ts");
    await failsOverAndBack(drill);
  },
});
