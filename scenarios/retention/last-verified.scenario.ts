import { scenario } from "../../harness/drill/run/scenario.ts";

scenario({
  id: "retention/last-verified",
  title: "The last backup that a verify found good survives rules that would remove it, and comes back",
  profiles: ["nightly", "release"],
  needs: ["prune", "vault"],
  nodes: 1_000,
  run: async (drill) => {
    const { provesLastVerified } = await import("../../harness/drill/claims/retention/last-verified.ts");
    await provesLastVerified(drill);
  },
});
