import { scenario } from "../../harness/drill/run/scenario.ts";

scenario({
  id: "incremental/bad-chains",
  title:
    "A chain that is missing, foreign, repeated, reordered or damaged in any part is refused by name, and nothing is started",
  profiles: ["nightly", "release"],
  needs: ["incremental", "vault"],
  nodes: 200,
  run: async (drill) => {
    const { refusesBadChains } = await import("../../harness/drill/claims/incremental/chain-corruptions.ts");
    await refusesBadChains(drill);
  },
});

scenario({
  id: "incremental/compacted",
  title: "A full backup and its increments become one full backup without the source, and the chain continues from it",
  profiles: ["nightly", "release"],
  needs: ["incremental", "vault"],
  nodes: 500,
  run: async (drill) => {
    const { provesCompaction } = await import("../../harness/drill/claims/incremental/compacted.ts");
    await provesCompaction(drill, drill.options.profile === "nightly" || drill.options.profile === "release" ? 24 : 3);
  },
});
