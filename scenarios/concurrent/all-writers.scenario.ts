import { writeKindNames } from "../../generators/writes/write-kind.ts";
import { concurrentPlan } from "../../harness/drill/claims/concurrent-plan.ts";
import { scenario } from "../../harness/drill/run/scenario.ts";

scenario({
  id: "concurrent/all-writers",
  title: "Every kind of write at once, through the service and straight at the engine: one moment across all graphs",
  profiles: ["nightly", "release"],
  needs: ["coordinated"],
  nodes: 2_000,
  run: async (drill) => {
    const { cycle } = await import("../../harness/drill/cycle.ts");
    const profile = { kind: "flat-out" } as const;
    const kinds = writeKindNames.map((kind) => ({ kind, writers: 2, profile }));
    const directEpisodes = { writers: 2, profile };
    await cycle(drill, { ...concurrentPlan(drill), writers: 4, writerProfile: profile, directEpisodes, kinds });
    drill.record.requireWitnesses("pausesObserved", "writesRefused");
  },
});
