import { scenario } from "../../harness/drill/run/scenario.ts";

scenario({
  id: "track-record/lost-updates",
  title:
    "Updates that FalkorDB treats as no change, mostly of embeddings, are those on record, and can be written another way",
  profiles: ["nightly", "release"],
  about: "engine",
  nodes: 1,
  run: async (drill) => {
    const { playsLostUpdates } = await import("../../harness/drill/claims/track-record/lost-updates.ts");
    await playsLostUpdates(drill);
  },
});
