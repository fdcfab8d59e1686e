import { scenario } from "../../harness/drill/run/scenario.ts";

scenario({
  id: "security/slow-ransomware",
  title:
    "One percent of the texts turned to noise from backup to backup is reported within two, and no prune removes the last backup before",
  profiles: ["nightly", "release"],
  needs: ["vault", "prune"],
  nodes: 10,
  run: async (drill) => {
    const { flagsSlowRansomware } = await import("../../harness/drill/claims/security/slow-ransomware.ts");
    await flagsSlowRansomware(drill);
  },
});
