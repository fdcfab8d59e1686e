import { scenario } from "../../harness/drill/run/scenario.ts";

scenario({
  id: "track-record/exchanged-properties",
  title:
    "A defect on record: FalkorDB exchanges properties in a restart from its append-only file, and on a replica, if two queries brought their names at once",
  profiles: ["nightly", "release"],
  about: "engine",
  nodes: 1,
  run: async (drill) => {
    const { playsExchangedProperties } =
      await import("../../harness/drill/claims/track-record/exchanged-properties.ts");
    await playsExchangedProperties(drill);
  },
});
