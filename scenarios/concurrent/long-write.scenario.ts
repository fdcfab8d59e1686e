import { scenario } from "../../harness/drill/run/scenario.ts";

scenario({
  id: "concurrent/long-write",
  title: "A write longer than the drain deadline ends the pause and not the write; the next backup holds all of it",
  profiles: ["nightly", "release"],
  needs: ["coordinated"],
  nodes: 500,
  run: async (drill) => {
    const { longWrite } = await import("../../harness/drill/claims/coordination/long-write.ts");
    await longWrite(drill);
  },
});
