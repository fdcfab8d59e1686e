import { scenario } from "../../harness/drill/run/scenario.ts";

scenario({
  id: "persistence/append-only-target",
  title:
    "What came back into a server with an append-only file is there after a restart, though a stale file would win",
  profiles: ["drill", "nightly", "release"],
  nodes: 1_000,
  run: async (drill) => {
    const { survivesAppendOnly } = await import("../../harness/drill/claims/persistence/append-only-target.ts");
    await survivesAppendOnly(drill);
  },
});

scenario({
  id: "persistence/recreated",
  title: "A server that is created anew, and not only restarted, holds what its volume holds: all, or nothing",
  profiles: ["nightly", "release"],
  about: "engine",
  nodes: 1_000,
  run: async (drill) => {
    const { keepsVolume } = await import("../../harness/drill/claims/persistence/recreated.ts");
    await keepsVolume(drill);
  },
});

scenario({
  id: "persistence/container-recreated",
  title: "A container that is created anew keeps what is on its volume; with the volume at /data that is nothing",
  profiles: ["nightly", "release"],
  about: "engine",
  nodes: 1_000,
  run: async (drill) => {
    const { containersKeepVolume } = await import("../../harness/drill/claims/persistence/recreated.ts");
    await containersKeepVolume(drill);
  },
});
