import { scenario } from "../../harness/drill/run/scenario.ts";

scenario({
  id: "concurrent/killed-service",
  title: "A backup whose pause was lost with the killed graph service is not kept; the next one holds every write",
  profiles: ["pr", "drill", "nightly", "release"],
  needs: ["coordinated"],
  nodes: 500,
  run: async (drill) => {
    const { killedService } = await import("../../harness/drill/claims/coordination/killed-service.ts");
    await killedService(drill);
  },
});
