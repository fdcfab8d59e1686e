import { scenario } from "../../harness/drill/run/scenario.ts";

scenario({
  id: "region/second-vault",
  title:
    "With the first vault lost, every restore point restores from its replica to the last property; and back again into a new first vault",
  profiles: ["nightly", "release"],
  needs: ["vault"],
  nodes: 300,
  run: async (drill) => {
    const { provesSecondVault } = await import("../../harness/drill/claims/region/second-vault.ts");
    await provesSecondVault(drill);
  },
});
