import { scenario } from "../../harness/drill/run/scenario.ts";

scenario({
  id: "track-record/bulk-hang",
  title: "A bulk load that hangs FalkorDB forever is noticed within seconds and named as the engine's fault",
  profiles: ["nightly", "release"],
  about: "engine",
  alone: true,
  nodes: 1_500,
  timeoutMs: 1_200_000,
  run: async (drill) => {
    const { playsBulkHang } = await import("../../harness/drill/claims/track-record/bulk-hang.ts");
    const { profile } = drill.options;
    const isLong = profile === "nightly" || profile === "release";
    await playsBulkHang(drill, isLong ? { loadsMax: 1000, forMs: 600_000 } : { loadsMax: 2, forMs: 60_000 });
  },
});
