import { scenario } from "../../harness/drill/run/scenario.ts";

scenario({
  id: "fault/restore-rollback",
  title: "A restore in place that fails in any step leaves the server, its settings and its application as they were",
  profiles: ["nightly", "release"],
  needs: ["vault"],
  nodes: 300,
  timeoutMs: 900_000,
  run: async (drill) => {
    const { rollsBackEveryStep } = await import("../../harness/drill/claims/in-place/restore-rollback.ts");
    await rollsBackEveryStep(drill);
  },
});
