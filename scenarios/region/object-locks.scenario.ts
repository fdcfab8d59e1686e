import { scenario } from "../../harness/drill/run/scenario.ts";

scenario({
  id: "region/object-locks",
  title:
    "All that a restore needs is locked by the store when it is written, is renewed while a rule keeps it, and no prune removes it before",
  profiles: ["nightly", "release"],
  needs: ["vault"],
  nodes: 300,
  run: async (drill) => {
    const { withObjectStore } = await import("../../fixtures/object-stores/on-object-store.ts");
    const { provesObjectLocks } = await import("../../harness/drill/claims/region/object-locks.ts");
    await withObjectStore(drill, { objectLock: true }, async (place) => await provesObjectLocks(drill, place));
  },
});
