import { scenario } from "../../harness/drill/run/scenario.ts";

scenario({
  id: "region/divergence",
  title:
    "A comparison of two vaults names the first object that differs, whatever differs, and none where nothing does",
  profiles: ["nightly", "release"],
  needs: ["vault"],
  nodes: 100,
  run: async (drill) => {
    const { findsDivergence } = await import("../../harness/drill/claims/region/divergence.ts");
    await findsDivergence(drill);
  },
});
