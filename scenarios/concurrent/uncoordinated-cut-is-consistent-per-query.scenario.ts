import { writeKindNames } from "../../generators/writes/write-kind.ts";
import { fullCyclePlan } from "../../harness/drill/cycle-plan.ts";
import { scenario } from "../../harness/drill/scenario.ts";

scenario({
  id: "concurrent/uncoordinated-cut-is-consistent-per-query",
  title: "Without any pause, what comes back is one moment between queries, across all graphs, for every kind of write",
  profiles: ["drill", "nightly", "release"],
  nodes: 2_000,
  run: async (drill) => {
    const { cycle } = await import("../../harness/drill/cycle.ts");
    const profile = { kind: "flat-out" } as const;
    const kinds = writeKindNames.map((kind) => ({ kind, writers: 2, profile }));
    await cycle(drill, { ...fullCyclePlan, rawLimits: false, writers: 0, coordination: "none", kinds });
  },
});
