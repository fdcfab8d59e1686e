import { scenario } from "../../harness/drill/run/scenario.ts";

scenario({
  id: "fault/power-cut",
  title:
    "After a power cut at any moment the vault is as before the command or as after it, and nothing reported as stored is lost",
  profiles: ["nightly", "release"],
  needs: ["incremental", "prune", "vault"],
  nodes: 10,
  timeoutMs: 2_400_000,
  run: async (drill) => {
    const { provesPowerCut } = await import("../../harness/drill/claims/power-cut/power-cut-claim.ts");
    await provesPowerCut(drill);
  },
});
