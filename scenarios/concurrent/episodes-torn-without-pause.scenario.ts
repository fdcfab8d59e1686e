import { concurrentPlan } from "../../harness/drill/claims/concurrent-plan.ts";
import { scenario } from "../../harness/drill/run/scenario.ts";

scenario({
  id: "concurrent/episodes-torn-without-pause",
  title: "When the pause is removed on purpose, the drill fails and names the episodes that the cut tears",
  profiles: ["nightly", "release"],
  needs: ["coordinated"],
  nodes: 1_000,
  run: async (drill) => {
    const { provesTearing } = await import("../../harness/drill/claims/torn-episodes.ts");
    // Several graphs and several writers per graph, so that the service always has half-written episodes.
    await provesTearing(drill, { ...concurrentPlan(drill), writers: 9, writerGraphs: 3 });
  },
});
