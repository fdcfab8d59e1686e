import { scenario } from "../../harness/drill/run/scenario.ts";

scenario({
  id: "incremental/full-vault",
  title: "A vault that fills up during an increment loses nothing of the chain, which continues when there is space",
  profiles: ["nightly", "release"],
  needs: ["incremental", "vault"],
  nodes: 200,
  run: async (drill) => {
    const { survivesFullVault } = await import("../../harness/drill/claims/incremental/full-vault.ts");
    await survivesFullVault(drill);
  },
});
