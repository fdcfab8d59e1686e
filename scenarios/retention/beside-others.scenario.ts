import { scenario } from "../../harness/drill/run/scenario.ts";

scenario({
  id: "retention/beside-others",
  title: "A prune during a running backup and a running restore damages neither",
  profiles: ["nightly", "release"],
  needs: ["prune", "vault"],
  nodes: 1_000,
  run: async (drill) => {
    const { provesPruneBesideOthers } = await import("../../harness/drill/claims/retention/beside-others.ts");
    await provesPruneBesideOthers(drill);
  },
});
