import { concurrentPlan } from "../../harness/drill/claims/concurrent-plan.ts";
import { scenario } from "../../harness/drill/run/scenario.ts";

/** Number of tenants written to; as many others exist, most of them empty and indexed. */
const tenants = { pr: 60, drill: 300, nightly: 5_000, release: 5_000 } as const;

scenario({
  id: "concurrent/many-graphs",
  title: "Thousands of tenants, written to in turn, come back cut at one moment across all of their graphs",
  profiles: ["nightly", "release"],
  needs: ["coordinated"],
  alone: true,
  timeoutMs: 3_600_000,
  run: async (drill) => {
    const { cycle } = await import("../../harness/drill/cycle.ts");
    const written = tenants[drill.options.profile];
    const profile = { kind: "flat-out" } as const;
    const graphs = written / 2;
    const kinds = (["counter", "hot-entity"] as const).map((kind) => ({ kind, writers: 2, profile, graphs }));
    const plan = { ...concurrentPlan(drill), kinds, writers: 4, writerGraphs: 4, shape: "tenants" } as const;
    // The shape creates a graph per five of these.
    await cycle({ ...drill, nodes: written * 5 }, plan);
    drill.record.metric("tenantsWrittenTo", written);
  },
});
