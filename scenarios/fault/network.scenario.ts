import { scenario } from "../../harness/drill/run/scenario.ts";

scenario({
  id: "fault/network",
  title:
    "A backup, an archive or a restore whose connections break anywhere ends with a sentence of its own, leaves nothing half done, and succeeds the next time",
  profiles: ["drill", "nightly", "release"],
  needs: ["vault"],
  nodes: 50,
  timeoutMs: 3_600_000,
  run: async (drill) => {
    const { breaksNetwork } = await import("../../harness/drill/claims/network/network-faults.ts");
    await breaksNetwork(drill);
  },
});
