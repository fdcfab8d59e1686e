import { scenario } from "../../harness/drill/run/scenario.ts";

scenario({
  id: "fault/storage",
  title:
    "A command of the vault whose disk fails at any operation leaves the old state or the new one, names the path, and succeeds once the disk works",
  profiles: ["nightly", "release"],
  needs: ["incremental", "vault"],
  nodes: 200,
  timeoutMs: 3_600_000,
  run: async (drill) => {
    const { failsDisks } = await import("../../harness/drill/claims/storage/storage-faults.ts");
    await failsDisks(drill);
  },
});
