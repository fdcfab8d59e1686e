import { scenario } from "../../harness/drill/run/scenario.ts";

scenario({
  id: "concurrent/restore-under-writers",
  title:
    "Writes sent during a restore are refused until it is done and accepted afterwards; none is lost or applied twice",
  profiles: ["nightly", "release"],
  needs: ["coordinated"],
  nodes: 500,
  run: async (drill) => {
    const { restoreUnderWriters } = await import("../../harness/drill/claims/coordination/restore-under-writers.ts");
    await restoreUnderWriters(drill);
  },
});
