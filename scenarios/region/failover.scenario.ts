import { scenario } from "../../harness/drill/run/scenario.ts";

scenario({
  id: "region/failover",
  title:
    "With the first region lost in the middle of an upload, the second restores alone what it had 5 seconds before, takes over, hands back without a gap, and refuses what the old first region wrote since",
  profiles: ["nightly", "release"],
  needs: ["vault"],
  nodes: 3000,
  alone: true,
  timeoutMs: 1_500_000,
  run: async (drill) => {
    const { withObjectStore } = await import("../../fixtures/object-stores/on-object-store.ts");
    const { provesFailover } = await import("../../harness/drill/claims/region/failover.ts");
    await withObjectStore(drill, { versioning: false }, async (place) => await provesFailover(drill, place));
  },
});
