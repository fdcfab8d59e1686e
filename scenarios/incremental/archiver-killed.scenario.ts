import { scenario } from "../../harness/drill/run/scenario.ts";

scenario({
  id: "incremental/archiver-killed",
  title:
    "An archiver that is killed repeatedly under writers continues without a gap, and every part of its chain restores",
  profiles: ["nightly", "release"],
  needs: ["incremental", "vault"],
  nodes: 1_000,
  timeoutMs: 1_800_000,
  run: async (drill) => {
    const { runArchiverKillTest } = await import("../../harness/drill/claims/incremental/archiver-killed.ts");
    const { profile } = drill.options;
    await runArchiverKillTest(drill, profile === "nightly" || profile === "release" ? 50 : 5);
  },
});
