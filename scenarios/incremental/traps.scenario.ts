import { scenario } from "../../harness/drill/run/scenario.ts";

scenario({
  id: "incremental/traps",
  title:
    "Whatever FalkorDB replicates wrongly or not at all is in the chain, or is recognised and answered with a full backup",
  profiles: ["nightly", "release"],
  needs: ["incremental", "vault"],
  nodes: 100,
  run: async (drill) => {
    const { survivesTraps } = await import("../../harness/drill/claims/incremental/traps.ts");
    const { profile } = drill.options;
    await survivesTraps(drill, profile === "nightly" || profile === "release" ? 1 : 3);
  },
});
