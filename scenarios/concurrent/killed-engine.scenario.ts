import { scenario } from "../../harness/drill/run/scenario.ts";

scenario({
  id: "concurrent/engine-killed-after-backup",
  title: "An engine killed at the moment its backup was acknowledged is restored with everything from before the cut",
  profiles: ["nightly", "release"],
  needs: ["vault"],
  nodes: 500,
  run: async (drill) => {
    const { killedAfterBackup } = await import("../../harness/drill/claims/coordination/killed-engine.ts");
    await killedAfterBackup(drill);
  },
});

scenario({
  id: "concurrent/engine-killed-in-backup",
  title: "A backup during which the engine is killed leaves no restore point, and the previous backup still restores",
  profiles: ["pr", "drill", "nightly", "release"],
  needs: ["vault"],
  nodes: 500,
  run: async (drill) => {
    const { killedInBackup } = await import("../../harness/drill/claims/coordination/killed-engine.ts");
    await killedInBackup(drill);
  },
});
