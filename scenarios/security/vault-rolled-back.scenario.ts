import { scenario } from "../../harness/drill/run/scenario.ts";

scenario({
  id: "security/vault-rolled-back",
  title:
    "A vault that lost backups, was put back to an older copy, or got one back that was removed, is reported with their names",
  profiles: ["nightly", "release"],
  needs: ["prune", "vault"],
  nodes: 300,
  run: async (drill) => {
    const { provesRollbackNoticed } = await import("../../harness/drill/claims/security/vault-rolled-back.ts");
    await provesRollbackNoticed(drill);
  },
});
