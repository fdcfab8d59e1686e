import { scenario } from "../../harness/drill/run/scenario.ts";

scenario({
  id: "track-record/lost-updates",
  title:
    "Updates that FalkorDB takes for none, of embeddings above all, are those that are on record, and can be written otherwise",
  profiles: ["nightly", "release"],
  about: "engine",
  nodes: 1,
  run: async (drill) => {
    const { playsLostUpdates } = await import("../../harness/drill/claims/track-record/lost-updates.ts");
    await playsLostUpdates(drill);
  },
});
