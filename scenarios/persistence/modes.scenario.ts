import { scenario } from "../../harness/drill/run/scenario.ts";

const modes = [
  {
    mode: "rdb-save-points",
    title: "With RDB save points, what is lost is at most what came after the last save, and the rest is one moment",
  },
  { mode: "aof-everysec", title: "With an append-only file synced every second, at most two seconds are lost" },
  { mode: "aof-always", title: "With an append-only file that is always synced, no acknowledged write is lost" },
  { mode: "replica", title: "A replica that takes over holds one moment of the writes, right up to the disaster" },
  { mode: "reference", title: "A backup of the reference system restores its cut, whatever happened to the machine" },
] as const;

for (const { mode, title } of modes) {
  scenario({
    id: `persistence/${mode}`,
    title,
    profiles: mode === "aof-always" ? ["drill", "nightly", "release"] : ["nightly", "release"],
    about: "engine",
    ...(mode === "reference" && { needs: ["vault"] as const }),
    alone: true,
    nodes: 1_000,
    run: async (drill) => {
      const { comparePersistence } = await import("../../harness/drill/claims/persistence/compare.ts");
      const { persistenceModes } = await import("../../harness/drill/claims/persistence/modes.ts");
      await comparePersistence(drill, persistenceModes[mode]);
    },
  });
}
