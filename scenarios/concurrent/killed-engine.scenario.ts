import { scenario } from "../../harness/drill/run/scenario.ts";

scenario({
  id: "concurrent/engine-killed-after-backup",
  title: "An engine killed in the moment in which its backup was acknowledged comes back with all from before the cut",
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
  title: "A backup in whose middle the engine is killed is none, and the one before it still restores",
  profiles: ["pr", "drill", "nightly", "release"],
  needs: ["vault"],
  nodes: 500,
  run: async (drill) => {
    const { killedInBackup } = await import("../../harness/drill/claims/coordination/killed-engine.ts");
    await killedInBackup(drill);
  },
});
