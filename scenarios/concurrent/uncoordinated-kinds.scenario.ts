import { writeKindNames } from "../../generators/writes/write-kind.ts";
import { concurrentPlan } from "../../harness/drill/claims/concurrent-plan.ts";
import { scenario } from "../../harness/drill/run/scenario.ts";

for (const kind of writeKindNames) {
  scenario({
    id: `concurrent/uncoordinated-${kind}`,
    title: `Without any pause, ${kind} writes come back as one moment between two of them`,
    profiles: ["nightly", "release"],
    nodes: 1_000,
    run: async (drill) => {
      const { cycle } = await import("../../harness/drill/cycle.ts");
      const kinds = [{ kind, writers: 4, profile: { kind: "flat-out" } }] as const;
      await cycle(drill, { ...concurrentPlan(drill), writers: 0, kinds, coordination: "none" });
    },
  });
}
