import { scenario } from "../../harness/drill/run/scenario.ts";

scenario({
  id: "concurrent/killed-backup",
  title:
    "A backup killed in the pause, in the transfer or before the manifest leaves no trace that the next does not remove",
  profiles: ["pr", "nightly", "release"],
  needs: ["vault"],
  nodes: 500,
  run: async (drill) => {
    const { killedBackups } = await import("../../harness/drill/claims/coordination/killed-backups.ts");
    await killedBackups(drill);
  },
});
