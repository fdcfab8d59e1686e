import { scenario } from "../../harness/drill/run/scenario.ts";

scenario({
  id: "concurrent/restore-under-writers",
  title:
    "Writers who knock during a restore are turned away until it is done, then carry on; nothing is lost or doubled",
  profiles: ["nightly", "release"],
  needs: ["coordinated"],
  nodes: 500,
  run: async (drill) => {
    const { restoreUnderWriters } = await import("../../harness/drill/claims/coordination/restore-under-writers.ts");
    await restoreUnderWriters(drill);
  },
});
