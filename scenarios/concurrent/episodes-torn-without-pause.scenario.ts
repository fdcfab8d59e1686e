import { fullCyclePlan } from "../../harness/drill/cycle-plan.ts";
import { scenario } from "../../harness/drill/scenario.ts";

scenario({
  id: "concurrent/episodes-torn-without-pause",
  title: "When the pause is taken away by hand, the episodes that the cut tears are found and named",
  profiles: ["drill", "nightly", "release"],
  nodes: 1_000,
  run: async (drill) => {
    const { provesTearing } = await import("../../harness/drill/torn-episodes.ts");
    // Several writers a graph, so that the service always has an episode of it half written.
    await provesTearing(drill, { ...fullCyclePlan, writers: 6 });
  },
});
