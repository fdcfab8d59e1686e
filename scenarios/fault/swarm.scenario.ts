import { scenario } from "../../harness/drill/run/scenario.ts";

scenario({
  id: "fault/swarm",
  title:
    "Commands of the vault in any order, under any faults, fail with a message of their own, lose nothing, and succeed once the faults are over",
  profiles: ["nightly", "release"],
  needs: ["incremental", "prune", "restore-wire", "vault"],
  nodes: 50,
  timeoutMs: 1_200_000,
  run: async (drill) => {
    const { swarms } = await import("../../harness/drill/claims/swarm/swarm-claim.ts");
    await swarms(drill);
  },
});
