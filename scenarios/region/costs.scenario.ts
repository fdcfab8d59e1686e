import { scenario } from "../../harness/drill/run/scenario.ts";

scenario({
  id: "region/costs",
  title:
    "Backup, replication and restore over S3 take at most 300 MB of memory each; their bytes beside restic with rclone",
  profiles: ["release"],
  needs: ["vault"],
  nodes: 100_000,
  alone: true,
  timeoutMs: 1_500_000,
  run: async (drill) => {
    const { withObjectStore } = await import("../../fixtures/object-stores/on-object-store.ts");
    const { measuresSecondRegion } = await import("../../harness/drill/claims/region/costs.ts");
    await withObjectStore(drill, { versioning: false }, async (place) => await measuresSecondRegion(drill, place));
  },
});
