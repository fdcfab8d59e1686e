import { scenario } from "../../harness/drill/run/scenario.ts";

scenario({
  id: "fault/accepted-not-stored",
  title: "What an application acknowledged and never stored is named before the backup, which is not blamed for it",
  profiles: ["drill", "nightly", "release"],
  nodes: 1_000,
  run: async (drill) => {
    const { namesWhatWasNeverStored } = await import("../../harness/drill/claims/settings/accepted-not-stored.ts");
    await namesWhatWasNeverStored(drill);
  },
});

scenario({
  id: "fault/no-room",
  title: "A restore into a server whose memory ends in the middle is refused by name, and leaves the server as it was",
  profiles: ["nightly", "release"],
  // Over the wire, the server belongs to somebody. A server that the system starts itself has the memory that it is given.
  needs: ["restore-wire"],
  nodes: 1_000,
  run: async (drill) => {
    const { refusesWithoutRoom } = await import("../../harness/drill/claims/settings/no-room.ts");
    await refusesWithoutRoom(drill);
  },
});
