import { scenario } from "../../harness/drill/run/scenario.ts";

scenario({
  id: "retention/kept-chains",
  title:
    "A prune removes what no rule keeps, and what it keeps restores to the last property, increments with their base",
  profiles: ["drill", "nightly", "release"],
  needs: ["prune", "vault"],
  nodes: 1_000,
  run: async (drill) => {
    const { provesKeptChains } = await import("../../harness/drill/claims/retention/kept-restores.ts");
    await provesKeptChains(drill);
  },
});
