import { scenario } from "../../harness/drill/run/scenario.ts";

scenario({
  id: "incremental/kinds",
  title:
    "Increments of only updates, invalidations, deletes or schema changes, or of nothing, restore to the last entity",
  profiles: ["drill", "nightly", "release"],
  needs: ["incremental", "vault"],
  nodes: 500,
  run: async (drill) => {
    const { restoresOddIncrements } = await import("../../harness/drill/claims/incremental/unusual-increments.ts");
    await restoresOddIncrements(drill);
  },
});

scenario({
  id: "incremental/source-events",
  title:
    "A source that was flushed, restarted, failed over or given a new history is recognised, and what comes back is its own",
  profiles: ["nightly", "release"],
  needs: ["incremental", "vault"],
  nodes: 300,
  run: async (drill) => {
    const { survivesSourceEvents } = await import("../../harness/drill/claims/incremental/source-events.ts");
    await survivesSourceEvents(drill);
  },
});
