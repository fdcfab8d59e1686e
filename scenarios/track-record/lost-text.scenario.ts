import { scenario } from "../../harness/drill/run/scenario.ts";

scenario({
  id: "track-record/lost-text",
  title:
    "Text that FalkorDB loses in the source itself is named as the engine's fault, and the chain is not blamed for it",
  profiles: ["drill", "nightly", "release"],
  about: "engine",
  nodes: 100,
  run: async (drill) => {
    const { playsLostText } = await import("../../harness/drill/claims/track-record/lost-text.ts");
    await playsLostText(drill);
  },
});
